"""Losses against closed forms, quadrature and finite differences."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from ganbench.objectives.divergences import DIVERGENCES
from ganbench.objectives.losses.f_gan import FGAN
from ganbench.objectives.losses.hinge import Hinge
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.losses.non_saturating import NonSaturating
from ganbench.objectives.losses.relativistic import Relativistic
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.objectives.objective import OBJECTIVES, Objective

SCORES = torch.tensor([-3.0, -0.5, 0.0, 0.2, 4.0], dtype=torch.float64)
OTHERS = torch.tensor([1.5, -2.0, 0.1, 0.0, -0.3], dtype=torch.float64)
EVERY = {
    **{name: entry() for name, entry in OBJECTIVES.entries().items()},
    **{f"f_gan {name}": FGAN(name) for name in DIVERGENCES},
    **{f"f_gan {name} non-saturating": FGAN(name, non_saturating=True) for name in DIVERGENCES},
    "minimax, smoothed": Minimax(real_label=0.9),
    "least_squares, Pearson": LeastSquares(real_label=1, fake_label=-1, target=0),
}
DESCRIBED = ("minimax", "non_saturating", "least_squares", "hinge", "wasserstein", "relativistic", "f_gan")
P, Q = stats.norm(0, 1), stats.norm(1, 1)


def log_sigmoid(score: float) -> float:
    return -math.log1p(math.exp(-score))


def integral(function) -> float:
    return integrate.quad(function, -12, 13, points=(0.5,))[0]


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


def test_least_squares_draws_scores_to_their_labels() -> None:
    real, fake = SCORES.numpy(), OTHERS.numpy()
    for a, b, c in [(0, 1, 1), (-1, 1, 0)]:
        objective = LeastSquares(real_label=b, fake_label=a, target=c)
        expected = ((real - b) ** 2).mean() / 2 + ((fake - a) ** 2).mean() / 2
        assert objective.discriminator(SCORES, OTHERS).item() == pytest.approx(expected, rel=1e-12)
        assert objective.generator(OTHERS).item() == pytest.approx(((fake - c) ** 2).mean() / 2, rel=1e-12)
    assert LeastSquares().generator(OTHERS) == LeastSquares(target=1.0).generator(OTHERS), "c = b unless it is said"


def test_hinge_forgets_what_is_beyond_the_margin() -> None:
    expected = np.mean([4, 1.5, 1, 0.8, 0]) + np.mean([2.5, 0, 1.1, 1, 0.7])
    assert Hinge().discriminator(SCORES, OTHERS).item() == pytest.approx(expected, rel=1e-12)
    assert Hinge().generator(OTHERS).item() == pytest.approx(-OTHERS.mean().item())
    beyond = torch.tensor([1.5, 20.0], requires_grad=True)
    Hinge().discriminator(beyond, -beyond).backward()
    assert torch.equal(beyond.grad, torch.zeros(2))


def test_relativistic_looks_at_pairs() -> None:
    expected = -np.mean([log_sigmoid(r - f) for r, f in zip(SCORES, OTHERS, strict=True)])
    assert Relativistic().discriminator(SCORES, OTHERS).item() == pytest.approx(expected, rel=1e-12)
    expected = -np.mean([log_sigmoid(f - r) for r, f in zip(SCORES, OTHERS, strict=True)])
    assert Relativistic().generator(OTHERS, SCORES).item() == pytest.approx(expected, rel=1e-12)


def test_a_constant_added_to_every_score_changes_no_relativistic_loss() -> None:
    for loss in (Relativistic().discriminator, Relativistic().generator):
        assert loss(SCORES + 5, OTHERS + 5).item() == pytest.approx(loss(SCORES, OTHERS).item(), rel=1e-12)


def test_a_relativistic_generator_needs_real_scores() -> None:
    assert Relativistic().relativistic
    assert not Wasserstein().relativistic
    with pytest.raises(ValueError, match="scores of real samples"):
        Relativistic().generator(OTHERS)


def test_the_f_gan_of_the_gan_divergence_is_the_gan() -> None:
    for other, objective in [(Minimax(), FGAN("gan")), (NonSaturating(), FGAN("gan", non_saturating=True))]:
        torch.testing.assert_close(other.discriminator(SCORES, OTHERS), objective.discriminator(SCORES, OTHERS))
        torch.testing.assert_close(other.generator(OTHERS), objective.generator(OTHERS))


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_f_gans_players_play_for_the_same_value(name: str) -> None:
    """The generator's loss is the discriminator's value but for the term that it can't change."""
    objective, divergence = FGAN(name), DIVERGENCES[name]
    on_real = divergence.activation(SCORES).mean()
    torch.testing.assert_close(
        objective.generator(OTHERS), -objective.discriminator(SCORES, OTHERS) - on_real, rtol=1e-10, atol=1e-10
    )
    eager = FGAN(name, non_saturating=True)
    torch.testing.assert_close(eager.generator(OTHERS), -divergence.activation(OTHERS).mean())
    assert torch.equal(eager.discriminator(SCORES, OTHERS), objective.discriminator(SCORES, OTHERS))


def test_minimax_at_the_optimal_discriminator_is_minus_2_jsd_plus_log_4() -> None:
    """V(D*) = 2 JSD − 2 log 2 for N(0, 1) against N(1, 1), whose JSD is .111421 (quadrature)."""

    def mixed(x: float) -> float:
        m = (P.pdf(x) + Q.pdf(x)) / 2
        return float(P.pdf(x) * np.log(P.pdf(x) / m) + Q.pdf(x) * np.log(Q.pdf(x) / m)) / 2

    jsd = integral(mixed)
    assert jsd == pytest.approx(0.111421, abs=1e-6)
    assert value_at_best(Minimax()) == pytest.approx(2 * jsd - 2 * math.log(2), abs=1e-5)


def test_hinge_at_the_optimal_discriminator_is_the_total_variation() -> None:
    """L(D*) = 2 − 2 TV, and TV of N(0, 1) and N(1, 1) is 2Φ(½) − 1."""
    assert value_at_best(Hinge()) == pytest.approx(2 * (2 * P.cdf(0.5) - 1) - 2, abs=1e-4)


def test_least_squares_with_the_right_labels_is_pearsons_divergence() -> None:
    """E_p[(D* − c)²] + E_q[(D* − c)²] = χ²(p + q ‖ 2q) for b − c = 1 and b − a = 2 (Mao et al. 2017, equation 7)."""
    objective = LeastSquares(real_label=1, fake_label=-1, target=0)
    best = at_quantiles(objective)
    found = sum((scores - objective.target).square().mean().item() for scores in best)
    chi2 = integral(lambda x: (2 * Q.pdf(x) - (P.pdf(x) + Q.pdf(x))) ** 2 / (P.pdf(x) + Q.pdf(x)))
    assert found == pytest.approx(chi2, abs=1e-5)


def at_quantiles(objective: Objective) -> tuple[torch.Tensor, torch.Tensor]:
    """The optimal discriminator's scores of evenly spread real and generated samples."""
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    samples = (P.ppf(quantiles), Q.ppf(quantiles))
    return tuple(objective.optimal(*(torch.from_numpy(law.pdf(x)) for law in (P, Q))) for x in samples)


def value_at_best(objective: Objective) -> float:
    return -objective.discriminator(*at_quantiles(objective)).item()


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


@pytest.mark.parametrize("name", EVERY)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    real, fake = SCORES.clone().requires_grad_(), OTHERS.clone().requires_grad_()
    assert torch.autograd.gradcheck(EVERY[name].discriminator, (real, fake))
    assert torch.autograd.gradcheck(EVERY[name].generator, (fake, real))


@pytest.mark.parametrize("name", [name for name in EVERY if not name.startswith("f_gan ")])
def test_losses_stay_finite_at_huge_scores(name: str) -> None:
    huge = torch.tensor([-1e4, 1e4])
    assert torch.isfinite(EVERY[name].discriminator(huge, huge))
    assert torch.isfinite(EVERY[name].generator(huge, -huge))


@pytest.mark.parametrize("name", EVERY)
def test_the_discriminator_raises_real_scores_and_lowers_fake_ones(name: str) -> None:
    at = torch.zeros(2, requires_grad=True)
    loss = EVERY[name].discriminator(at[:1], at[1:])
    (gradient,) = torch.autograd.grad(loss, at)
    if name in ("least_squares", "f_gan jeffrey"):
        assert gradient[0] < 0 <= gradient[1] + 1e-6, "0 is where the score of a generated sample should be"
    assert gradient[0] < gradient[1]


@pytest.mark.parametrize("name", EVERY)
def test_the_threshold_is_the_best_score_where_the_densities_are_equal(name: str) -> None:
    objective = EVERY[name]
    if objective.threshold is None:
        assert objective.relativistic or isinstance(objective, Wasserstein)
    elif objective.optimal(even := torch.full((1,), 0.3), even) is not None:
        assert objective.threshold == pytest.approx(objective.optimal(even, even).item(), abs=1e-6)
        above = objective.optimal(2 * even, even).item()
        assert above > objective.threshold, "a score above it means «real»"


def known() -> dict[str, Objective]:
    """The bench's own objectives: one that is added may share a player's loss with another."""
    return {name: one for name, one in EVERY.items() if " " in name or name in DESCRIBED}


def test_no_two_objectives_give_a_generator_the_same_gradient() -> None:
    """But the two that are the same by definition, and those whose generator just raises a critic's score."""
    gradients = {}
    for name, objective in known().items():
        fake = OTHERS.clone().requires_grad_()
        (gradients[name],) = torch.autograd.grad(objective.generator(fake, SCORES), fake)
    same = {frozenset(two) for two in itertools.combinations(gradients, 2) if torch.allclose(*map(gradients.get, two))}
    raising = ["wasserstein", "hinge", "f_gan reverse_kl", "f_gan kl non-saturating"]
    raising += ["f_gan pearson non-saturating", "f_gan jeffrey non-saturating"]
    saturating = ["minimax", "f_gan", "minimax, smoothed", "f_gan gan", "f_gan jensen_shannon"]
    strong = ["non_saturating", "f_gan gan non-saturating", "f_gan jensen_shannon non-saturating"]
    activated_alike = [
        "f_gan neyman non-saturating",
        "f_gan hellinger non-saturating",
        "f_gan reverse_kl non-saturating",
    ]
    expected = {
        frozenset(two)
        for group in (raising, saturating, strong, activated_alike)
        for two in itertools.combinations(group, 2)
    }
    assert same == expected


def test_no_two_objectives_give_a_discriminator_the_same_gradient() -> None:
    objectives = {name: one for name, one in known().items() if "saturating" not in name and name != "f_gan"}
    gradients = {}
    for name, objective in objectives.items():
        both = torch.stack([SCORES, OTHERS]).requires_grad_()
        (gradients[name],) = torch.autograd.grad(objective.discriminator(*both), both)
    same = {two for two in itertools.combinations(objectives, 2) if torch.allclose(*map(gradients.get, two))}
    alike = ("minimax", "f_gan jensen_shannon", "f_gan gan")  # their losses differ by constants
    assert {frozenset(two) for two in same} == {frozenset(two) for two in itertools.combinations(alike, 2)}


def test_every_loss_compiles_whole_and_side_by_side_to_the_same_numbers() -> None:
    """In one function, with the gradients of the scores."""

    def losses(real: torch.Tensor, fake: torch.Tensor) -> list[torch.Tensor]:
        found = []
        for objective in (one for name, one in EVERY.items() if " non-" not in name):
            found += [objective.discriminator(real, fake), objective.generator(fake, real)]
        return found

    def step(real: torch.Tensor, fake: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        return losses(real, fake), torch.func.grad(lambda fake: sum(losses(real, fake)))(fake)

    real, fake = SCORES.float(), OTHERS.float()
    expected, gradient = step(real, fake)
    free = fake.clone().requires_grad_()
    sum(losses(real, free)).backward()
    torch.testing.assert_close(gradient, free.grad)
    torch._dynamo.reset()
    compiled, compiled_gradient = torch.compile(step, fullgraph=True, backend="aot_eager")(real, fake)
    torch.testing.assert_close([*compiled, compiled_gradient], [*expected, gradient])
    beside, gradients = torch.vmap(step)(torch.stack([real, fake]), torch.stack([fake, real]))
    torch.testing.assert_close([*(part[0] for part in beside), gradients[0]], [*expected, gradient])
