"""Losses against closed forms, quadrature and finite differences."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.losses.non_saturating import NonSaturating
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.objectives.objective import OBJECTIVES

SCORES = torch.tensor([-3.0, -0.5, 0.0, 0.2, 4.0], dtype=torch.float64)
OTHERS = torch.tensor([1.5, -2.0, 0.1, 0.0, -0.3], dtype=torch.float64)


def log_sigmoid(score: float) -> float:
    return -math.log1p(math.exp(-score))


def test_minimax_discriminator_is_the_cross_entropy_of_equation_1() -> None:
    expected = -np.mean([log_sigmoid(s) for s in SCORES]) - np.mean([log_sigmoid(-s) for s in OTHERS])
    assert Minimax().discriminator(SCORES, OTHERS).item() == pytest.approx(expected, rel=1e-12)


def test_minimax_generator_is_log_one_minus_d() -> None:
    expected = np.mean([log_sigmoid(-s) for s in OTHERS])
    assert Minimax().generator(OTHERS).item() == pytest.approx(expected, rel=1e-12)


def test_non_saturating_generator_is_minus_log_d() -> None:
    expected = -np.mean([log_sigmoid(s) for s in OTHERS])
    assert NonSaturating().generator(OTHERS).item() == pytest.approx(expected, rel=1e-12)


def test_saturating_and_non_saturating_share_the_discriminator_and_differ_in_the_generator() -> None:
    assert torch.equal(Minimax().discriminator(SCORES, OTHERS), NonSaturating().discriminator(SCORES, OTHERS))
    sure = torch.tensor([-10.0], requires_grad=True)  # the discriminator is sure that it is fake
    (saturated,) = torch.autograd.grad(Minimax().generator(sure), sure)
    (strong,) = torch.autograd.grad(NonSaturating().generator(sure), sure)
    assert abs(saturated.item()) == pytest.approx(math.exp(-10), rel=1e-3)
    assert abs(strong.item()) == pytest.approx(1, rel=1e-3)
    assert math.copysign(1, saturated.item()) == math.copysign(1, strong.item()), "both push the score up"


def test_wasserstein_is_the_difference_of_means() -> None:
    assert Wasserstein().discriminator(SCORES, OTHERS).item() == pytest.approx((OTHERS.mean() - SCORES.mean()).item())
    assert Wasserstein().generator(OTHERS).item() == pytest.approx(-OTHERS.mean().item())


def test_minimax_at_the_optimal_discriminator_is_minus_2_jsd_plus_log_4() -> None:
    """V(D*) = 2 JSD − 2 log 2 for N(0, 1) against N(1, 1), whose JSD is .111421 (quadrature)."""
    p, q = stats.norm(0, 1), stats.norm(1, 1)

    def mixed(x: float) -> float:
        m = (p.pdf(x) + q.pdf(x)) / 2
        return float(p.pdf(x) * np.log(p.pdf(x) / m) + q.pdf(x) * np.log(q.pdf(x) / m)) / 2

    jsd = integrate.quad(mixed, -12, 13)[0]
    assert jsd == pytest.approx(0.111421, abs=1e-6)
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    optimal = lambda x: torch.from_numpy(p.logpdf(x) - q.logpdf(x))  # noqa: E731
    value = -Minimax().discriminator(optimal(p.ppf(quantiles)), optimal(q.ppf(quantiles))).item()
    assert value == pytest.approx(2 * jsd - 2 * math.log(2), abs=1e-5)


def test_the_wasserstein_critic_of_a_shift_attains_its_distance() -> None:
    """W1 of N(0, 1) and N(1, 1) is 1, attained by the 1-Lipschitz f(x) = −x."""
    x = torch.from_numpy(stats.norm.ppf((np.arange(10_000) + 0.5) / 10_000))
    assert -Wasserstein().discriminator(-x, -(x + 1)).item() == pytest.approx(1, abs=1e-9)


def test_label_smoothing_moves_the_best_score_to_the_smoothed_label() -> None:
    smoothed = Minimax(real_label=0.9)
    best = torch.tensor([math.log(0.9 / 0.1)], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(smoothed.discriminator(best, torch.full((1,), -1e3, dtype=torch.float64)), best)
    assert gradient.item() == pytest.approx(0, abs=1e-12)
    (plain,) = torch.autograd.grad(Minimax().discriminator(best, torch.full((1,), -1e3, dtype=torch.float64)), best)
    assert plain.item() < -0.05


@pytest.mark.parametrize("name", OBJECTIVES.entries())
def test_gradients_agree_with_finite_differences(name: str) -> None:
    objective = OBJECTIVES.entries()[name]()
    real, fake = SCORES.clone().requires_grad_(), OTHERS.clone().requires_grad_()
    assert torch.autograd.gradcheck(objective.discriminator, (real, fake))
    assert torch.autograd.gradcheck(objective.generator, (fake,))


@pytest.mark.parametrize("name", OBJECTIVES.entries())
def test_losses_stay_finite_at_huge_scores(name: str) -> None:
    objective = OBJECTIVES.entries()[name]()
    huge = torch.tensor([-1e4, 1e4])
    assert torch.isfinite(objective.discriminator(huge, huge))
    assert torch.isfinite(objective.generator(huge))
