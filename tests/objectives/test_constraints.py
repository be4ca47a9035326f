"""Constraints against closed forms and finite differences."""

import pytest
import torch
from torch import nn

from ganbench.objectives.constraint import Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.weight_clip import WeightClip


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_is_its_distance_from_slope_one(slope: float) -> None:
    direction = torch.tensor([0.6, 0.8])
    real, fake = torch.randn(50, 2), torch.randn(50, 2)
    penalty = GradientPenalty(weight=10.0).penalty(lambda x: slope * x @ direction, real, fake)
    assert penalty.item() == pytest.approx(10 * (slope - 1) ** 2, abs=1e-5)


def test_the_penalty_looks_between_real_and_fake() -> None:
    seen = []

    def critic(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.detach())
        return x.sum(1)

    real, fake = torch.zeros(1000, 3), torch.ones(1000, 3)
    GradientPenalty().penalty(critic, real, fake)
    (points,) = seen
    assert torch.equal(points, points[:, :1].expand(-1, 3)), "one mix a sample, on the straight line"
    assert points.min() >= 0
    assert points.max() <= 1
    assert points.mean().item() == pytest.approx(0.5, abs=0.05)
    assert points.std().item() == pytest.approx((1 / 12) ** 0.5, abs=0.03), "uniform"


def test_the_penalty_has_the_gradient_that_finite_differences_give() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1), nn.Flatten(0))
    real, fake = torch.randn(8, 3), torch.randn(8, 3)

    def penalty() -> torch.Tensor:
        torch.manual_seed(1)
        return GradientPenalty(weight=1.0).penalty(critic, real, fake)

    weight = critic[0].weight
    (gradient,) = torch.autograd.grad(penalty(), weight)
    step = 1e-2
    for row, column in [(0, 0), (2, 1), (4, 2)]:
        kept = weight.data[row, column].clone()
        weight.data[row, column] = kept + step
        above = penalty().item()
        weight.data[row, column] = kept - step
        below = penalty().item()
        weight.data[row, column] = kept
        assert gradient[row, column].item() == pytest.approx((above - below) / (2 * step), rel=2e-2, abs=2e-4)


def test_the_penalty_stays_in_float32_under_autocast() -> None:
    critic = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    with torch.autocast("cpu", torch.bfloat16):
        penalty = GradientPenalty().penalty(critic, torch.randn(4, 2), torch.randn(4, 2).bfloat16())
    assert penalty.dtype == torch.float32


def test_clipping_bounds_every_weight_and_leaves_the_small_ones() -> None:
    weights = [torch.tensor([-2.0, -0.005, 0.005, 2.0]), torch.tensor([[0.02]])]
    WeightClip(bound=0.01).project(weights)
    assert torch.equal(weights[0], torch.tensor([-0.01, -0.005, 0.005, 0.01]))
    assert torch.equal(weights[1], torch.tensor([[0.01]]))


def test_a_constraint_does_nothing_unless_it_says_so() -> None:
    weight = torch.ones(2)
    assert Constraint().penalty(lambda x: x, weight, weight) is None
    Constraint().project([weight])
    assert torch.equal(weight, torch.ones(2))
