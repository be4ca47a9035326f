"""The optimal discriminator of each objective on two known Gaussians, reached by training a small network.

The Gaussians live on a grid: so many samples at each of its points. All objectives train side by side, each with a
network of its own, on all samples at once. Wasserstein's best critic depends on its constraint: it trains apart.
"""

import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.divergences import DIVERGENCES
from ganbench.objectives.losses.f_gan import FGAN
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.objectives.objective import OBJECTIVES

SAMPLES = 4000
DRAWN = 1000  # a step of Wasserstein's critic
STEPS = 500
HIDDEN = 16
GRID = torch.linspace(-3, 3, 61)
HALF = torch.full((1,), 0.5)
OBJECTIVES_TO_TRAIN = {
    **{name: one for name, entry in OBJECTIVES.entries().items() if (one := entry()).optimal(HALF, HALF) is not None},
    **{f"f_gan {name}": FGAN(name) for name in DIVERGENCES},
    "minimax, smoothed": Minimax(real_label=0.9),
    "least_squares, Pearson": LeastSquares(real_label=1, fake_label=-1, target=0),
}


def counts(law) -> Tensor:
    """Samples at each point of the grid, at least one."""
    density = torch.from_numpy(law.pdf(GRID.numpy()))
    return (density / density.sum() * SAMPLES).round().clamp_min(1).long()


REAL, FAKE = counts(stats.norm(-0.5, 1)), counts(stats.norm(0.5, 1.2))


@pytest.fixture(scope="module")
def trained() -> dict[str, Tensor]:
    """Objective → its discriminator's scores on the grid."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    many = len(OBJECTIVES_TO_TRAIN)
    sizes = [(1, HIDDEN, 1.0), (HIDDEN, HIDDEN, HIDDEN**-0.5), (HIDDEN, 1, 0.01)]
    weights = [nn.Parameter(torch.randn(many, wide_in, wide_out) * scale) for wide_in, wide_out, scale in sizes]
    biases = [nn.Parameter(torch.randn(many, 1, wide_out) * (wide_in == 1)) for wide_in, wide_out, _ in sizes]

    def scores() -> Tensor:
        layer = GRID[None, :, None].expand(many, -1, 1)
        for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            layer = torch.baddbmm(bias, layer if depth == 0 else layer.tanh(), weight)
        return layer.squeeze(2)

    real_at = torch.repeat_interleave(torch.arange(len(GRID)), REAL)
    fake_at = torch.repeat_interleave(torch.arange(len(GRID)), FAKE)
    pairs = min(len(real_at), len(fake_at))
    optimizer = torch.optim.Adam([*weights, *biases], lr=0.02, betas=(0.9, 0.99), fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        losses = []
        for objective, score in zip(OBJECTIVES_TO_TRAIN.values(), scores(), strict=True):
            real, fake = score[real_at], score[fake_at]
            if objective.relativistic:  # any pair of a real and a generated sample, independently drawn
                real, fake = (side[torch.randperm(len(side))[:pairs]] for side in (real, fake))
            losses.append(objective.discriminator(real, fake))
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()
        schedule.step()
    return dict(zip(OBJECTIVES_TO_TRAIN, scores().detach(), strict=True))


@pytest.mark.parametrize("name", OBJECTIVES_TO_TRAIN)
def test_training_reaches_the_analytic_optimum(name: str, trained: dict[str, Tensor]) -> None:
    objective = OBJECTIVES_TO_TRAIN[name]
    where = GRID.abs() < 2.05
    if name == "hinge":  # a network can't jump where the densities cross
        where &= (REAL.log() - FAKE.log()).abs() > 0.1
    found = trained[name][where]
    best = objective.optimal(REAL / REAL.sum(), FAKE / FAKE.sum())[where]
    if objective.relativistic:  # scores are defined up to a constant
        found, best = found - found.mean(), best - best.mean()
    error = (found - best).abs() / (best.max() - best.min())
    assert error.mean() < 0.01
    assert error.max() < 0.08


def test_every_objective_is_trained_here() -> None:
    assert {name.partition(" ")[0] for name in OBJECTIVES_TO_TRAIN} | {"wasserstein"} >= {*OBJECTIVES.entries()}
    assert "wasserstein" not in OBJECTIVES_TO_TRAIN


def slopes_of_a_trained_critic(constraint: GradientPenalty, at: Tensor, coupled: bool) -> Tensor:
    """Slopes of a critic of real samples from N(0, 1) and generated ones from N(1, 1), under a gradient penalty.

    Args:
        constraint: the penalty.
        at: where slopes are asked for, (N,).
        coupled: a sample's line ends at the sample + 1, as the plan that moves one law to the other would have it, and
            not at any other.
    """
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(1, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
    objective = Wasserstein()
    optimizer = torch.optim.Adam(critic.parameters(), lr=0.02, betas=(0.9, 0.99), fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        real = torch.randn(DRAWN, 1)
        fake = 1 + (real if coupled else torch.randn(DRAWN, 1))
        loss = objective.discriminator(critic(real), critic(fake)) + constraint.penalty(critic, real, fake)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    places = at[:, None].clone().requires_grad_()
    (found,) = torch.autograd.grad(critic(places).sum(), places)
    return found[:, 0]


@pytest.mark.parametrize("constraint", [GradientPenalty(0.25), GradientPenalty(1.0, sided="one")])
def test_wassersteins_critic_of_a_shifted_gaussian_is_linear_under_a_gradient_penalty(
    constraint: GradientPenalty,
) -> None:
    """With P and Q the distribution functions and r the density on the lines, the loss of slopes s(x) < 0 is

    ∫ s (P − Q) + λ r (|s| − 1)² dx, smallest where |s| = 1 + (P − Q)/(2 λ r). On lines from x to x + 1, r = P − Q.
    From λ = ½ on the two-sided penalty has another valley, at s = 1 − 1/(2 λ) > 0; the one-sided has none.
    """
    slopes = slopes_of_a_trained_critic(constraint, torch.linspace(-1, 2, 13), coupled=True)
    assert slopes.numpy() == pytest.approx(-(1 + 1 / (2 * constraint.weight)), rel=0.04)


def test_where_lines_join_any_two_samples_its_slopes_are_those_of_the_density_on_them() -> None:
    """As they are drawn in training: at x̂ = (1 − u) x + u y, u uniform, N(u, u² + (1 − u)²) is mixed over u."""
    at, mix = torch.linspace(-1, 2, 13), torch.linspace(0, 1, 2001)[1:-1, None]
    density = torch.distributions.Normal(mix, (mix**2 + (1 - mix) ** 2).sqrt()).log_prob(at).exp().mean(0)
    normal = torch.distributions.Normal(0.0, 1.0)
    best = -(1 + (normal.cdf(at) - normal.cdf(at - 1)) / (2 * 0.25 * density))
    assert best.std() > 0.1, "it is not the linear one"
    slopes = slopes_of_a_trained_critic(GradientPenalty(0.25), at, coupled=False)
    assert slopes.numpy() == pytest.approx(best.numpy(), rel=0.06)


def test_different_objectives_have_different_optima(trained: dict[str, Tensor]) -> None:
    names = ["minimax", "least_squares", "hinge", *(f"f_gan {name}" for name in DIVERGENCES)]
    names = [name for name in names if name not in ("f_gan reverse_kl", "f_gan jensen_shannon", "f_gan gan")]
    for place, name in enumerate(names):  # the three share minimax's log p/q
        for other in names[place + 1 :]:
            assert (trained[name] - trained[other]).abs().max() > 0.2, (name, other)
