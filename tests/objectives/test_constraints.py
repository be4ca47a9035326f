"""Constraints against closed forms and finite differences."""

import pytest
import torch
from torch import nn

from ganbench.objectives.constraint import Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.r1 import R1
from ganbench.objectives.constraints.r2 import R2
from ganbench.objectives.constraints.weight_clip import WeightClip

PENALTIES = [GradientPenalty(1.0), GradientPenalty(1.0, target=0.2, sided="one"), R1(1.0), R2(1.0)]


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


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("target", [0.0, 1.0, 2.0])
def test_one_side_of_the_penalty_leaves_small_slopes_alone(slope: float, target: float) -> None:
    direction = torch.tensor([0.6, 0.8])
    real, fake = torch.randn(50, 2), torch.randn(50, 2)
    for sided, excess in [("two", slope - target), ("one", max(0.0, slope - target))]:
        penalty = GradientPenalty(weight=10.0, target=target, sided=sided)
        found = penalty.penalty(lambda x: slope * x @ direction, real, fake).item()
        assert found == pytest.approx(10 * excess**2, abs=1e-4)


def test_r1_looks_at_real_samples_and_r2_at_generated_ones() -> None:
    """∇ of ½ xᵀAx is Ax for a symmetric A: γ/2 E[‖Ax‖²]."""
    torch.manual_seed(0)
    half = torch.randn(3, 3)
    matrix = half + half.mT
    real, fake = torch.randn(20, 3), 2 + torch.randn(20, 3)

    def critic(x: torch.Tensor) -> torch.Tensor:
        return ((x @ matrix) * x).sum(1) / 2

    for constraint, samples in [(R1(weight=4.0), real), (R2(weight=4.0), fake)]:
        expected = 4 / 2 * (samples @ matrix).square().sum(1).mean()
        assert constraint.penalty(critic, real, fake).item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_weights_gradients_of_r1_are_exact() -> None:
    """d/dA of γ/2 E[‖Ax‖²] is γ A E[xxᵀ], and γ w for a linear critic w·x."""
    torch.manual_seed(0)
    real, fake = torch.randn(20, 3), torch.randn(20, 3)
    matrix = torch.eye(3).add(0.1).requires_grad_()
    (found,) = torch.autograd.grad(R1(3.0).penalty(lambda x: ((x @ matrix) * x).sum(1) / 2, real, fake), matrix)
    slope = real @ (matrix + matrix.mT) / 2
    one_sided = 3 * slope.mT @ real / len(real)
    torch.testing.assert_close(found, (one_sided + one_sided.mT) / 2)
    direction = torch.randn(3, requires_grad=True)
    for constraint in (R1(3.0), R2(3.0)):
        (found,) = torch.autograd.grad(constraint.penalty(lambda x: x @ direction, real, fake), direction)
        torch.testing.assert_close(found, 3 * direction.detach())


@pytest.mark.parametrize("constraint", PENALTIES, ids=str)
@pytest.mark.parametrize("shape", [(3,), (2, 4, 4), (1, 2, 3, 2)])
def test_a_penalty_takes_samples_of_any_rank(constraint: Constraint, shape: tuple[int, ...]) -> None:
    """∇ of ½‖x‖² is x, and its norm runs over all axes of a sample."""
    torch.manual_seed(0)
    real, fake = torch.randn(6, *shape), torch.randn(6, *shape)
    torch.manual_seed(1)
    found = constraint.penalty(lambda x: x.square().flatten(1).sum(1) / 2, real, fake)
    torch.manual_seed(1)
    flat = constraint.penalty(lambda x: x.square().sum(1) / 2, real.flatten(1), fake.flatten(1))
    assert found.ndim == 0
    assert found.item() == pytest.approx(flat.item(), rel=1e-5)


@pytest.mark.parametrize("constraint", PENALTIES, ids=str)
def test_a_penalty_has_the_gradient_that_finite_differences_give(constraint: Constraint) -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1), nn.Flatten(0))
    real, fake = torch.randn(8, 3), 1 + torch.randn(8, 3)

    def penalty() -> torch.Tensor:
        torch.manual_seed(1)
        return constraint.penalty(critic, real, fake)

    weight = critic[0].weight
    weight.data *= 4  # slopes on either side of 1
    (gradient,) = torch.autograd.grad(penalty(), weight)
    step = 1e-2
    for row, column in [(0, 0), (2, 1), (4, 2)]:
        kept = weight.data[row, column].clone()
        weight.data[row, column] = kept + step
        above = penalty().item()
        weight.data[row, column] = kept - step
        below = penalty().item()
        weight.data[row, column] = kept
        assert gradient[row, column].item() == pytest.approx((above - below) / (2 * step), rel=3e-2, abs=1e-3)


@pytest.mark.parametrize("constraint", PENALTIES, ids=str)
def test_a_dead_critic_gets_a_finite_gradient(constraint: Constraint) -> None:
    """Where no rectifier is active the slope is 0, and the norm has no derivative."""
    critic = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1), nn.Flatten(0))
    critic[0].bias.data.fill_(-100)
    constraint.penalty(critic, torch.randn(5, 2), torch.randn(5, 2)).backward()
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in critic.parameters())


def test_penalties_that_must_differ_do() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1), nn.Flatten(0))
    real, fake = torch.randn(30, 3), 1 + torch.randn(30, 3)
    found = []
    for constraint in PENALTIES:
        torch.manual_seed(1)
        found.append(constraint.penalty(critic, real, fake).item())
    assert len({round(penalty, 6) for penalty in found}) == len(PENALTIES)


def test_the_penalty_stays_in_float32_under_autocast() -> None:
    critic = nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    with torch.autocast("cpu", torch.bfloat16):
        penalty = GradientPenalty().penalty(critic, torch.randn(4, 2), torch.randn(4, 2).bfloat16())
    assert penalty.dtype == torch.float32


def test_clipping_bounds_every_weight_and_leaves_the_small_ones() -> None:
    critic = nn.Linear(4, 1)
    critic.weight.data, critic.bias.data = torch.tensor([[-2.0, -0.005, 0.005, 2.0]]), torch.tensor([0.02])
    WeightClip(bound=0.01).project(critic)
    assert torch.equal(critic.weight, torch.tensor([[-0.01, -0.005, 0.005, 0.01]]))
    assert torch.equal(critic.bias, torch.tensor([0.01]))


def test_a_constraint_does_nothing_unless_it_says_so() -> None:
    critic, x = nn.Linear(2, 1), torch.ones(1, 2)
    weight = critic.weight.detach().clone()
    assert Constraint().apply(critic) is critic
    assert Constraint().penalty(critic, x, x) is None
    Constraint().project(critic)
    assert torch.equal(critic.weight, weight)
