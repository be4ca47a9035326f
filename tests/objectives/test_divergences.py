"""f-divergences against their definitions, closed forms and quadrature."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

from ganbench.objectives.divergences import DIVERGENCES
from ganbench.objectives.losses.f_gan import FGAN

U = torch.logspace(-2, 2, 9, dtype=torch.float64)
V = torch.linspace(-8, 8, 33, dtype=torch.float64)
P, Q = stats.norm(0, 1), stats.norm(1, 1)

# D_f of N(0, 1) from N(1, 1), by hand; the Jensen–Shannon divergence, .111421, has no closed form
SHIFTED = {
    "kl": 0.5,
    "reverse_kl": 0.5,
    "pearson": math.e - 1,
    "neyman": math.e - 1,
    "hellinger": 2 - 2 * math.exp(-1 / 8),
    "jeffrey": 1.0,
    "jensen_shannon": 2 * 0.1114214821847,
    "gan": 2 * 0.1114214821847 - 2 * math.log(2),
}

# Nowozin et al. 2016, table 6, with the increasing activation where the printed one falls
ACTIVATIONS = {
    "kl": lambda v: v,
    "reverse_kl": lambda v: -np.exp(-v),
    "pearson": lambda v: v,
    "neyman": lambda v: 1 - np.exp(-v),
    "hellinger": lambda v: 1 - np.exp(-v),
    "jeffrey": lambda v: v,
    "jensen_shannon": lambda v: np.log(2) - np.log(1 + np.exp(-v)),
    "gan": lambda v: -np.log(1 + np.exp(-v)),
}
CONJUGATES = {
    "kl": lambda t: np.exp(t - 1),
    "reverse_kl": lambda t: -1 - np.log(-t),
    "pearson": lambda t: t**2 / 4 + t,
    "neyman": lambda t: 2 - 2 * np.sqrt(1 - t),
    "hellinger": lambda t: t / (1 - t),
    "jeffrey": lambda t: special.lambertw(np.exp(1 - t)).real + 1 / special.lambertw(np.exp(1 - t)).real + t - 2,
    "jensen_shannon": lambda t: -np.log(2 - np.exp(t)),
    "gan": lambda t: -np.log(1 - np.exp(t)),
}
EVERY = pytest.mark.parametrize("name", DIVERGENCES)


def close(found: torch.Tensor, expected: torch.Tensor, rtol: float = 1e-9) -> None:
    torch.testing.assert_close(found, expected, rtol=rtol, atol=1e-9)


def gradient(function, at: torch.Tensor) -> torch.Tensor:
    at = at.clone().requires_grad_()
    return torch.autograd.grad(function(at).sum(), at)[0]


def test_the_f_gan_offers_every_divergence() -> None:
    assert {FGAN(name).divergence for name in DIVERGENCES} == {*SHIFTED}


@EVERY
def test_f_is_convex_and_vanishes_where_the_densities_are_equal(name: str) -> None:
    f = DIVERGENCES[name].f
    assert f(torch.ones(1, dtype=torch.float64)).item() == pytest.approx(-2 * math.log(2) if name == "gan" else 0)
    fine = torch.linspace(0.01, 20, 2000, dtype=torch.float64)
    assert (torch.diff(f(fine), n=2) > 0).all()


@EVERY
def test_the_derivative_is_that_of_f(name: str) -> None:
    divergence = DIVERGENCES[name]
    close(divergence.derivative(U), gradient(divergence.f, U))
    assert divergence.at_one == pytest.approx(divergence.derivative(torch.ones(1)).item(), abs=1e-7)


@EVERY
def test_the_conjugate_is_the_supremum_of_its_definition(name: str) -> None:
    divergence = DIVERGENCES[name]
    fine = torch.logspace(-4, 4, 40_001, dtype=torch.float64)
    t = divergence.derivative(U)
    assert ((t > divergence.domain[0]) & (t < divergence.domain[1])).all()
    supremum = (t[:, None] * fine - divergence.f(fine)).amax(1)
    torch.testing.assert_close(divergence.conjugate(t), supremum, rtol=1e-5, atol=1e-5)
    close(divergence.conjugate(t), t * U - divergence.f(U))
    close(gradient(divergence.conjugate, t), U)


@EVERY
def test_activation_and_conjugate_are_those_of_the_paper(name: str) -> None:
    divergence = DIVERGENCES[name]
    t = divergence.activation(V)
    close(t, torch.from_numpy(ACTIVATIONS[name](V.numpy())))
    close(divergence.conjugate(t), torch.from_numpy(CONJUGATES[name](t.numpy())), rtol=1e-7)


@EVERY
def test_the_activation_rises_and_stays_where_the_conjugate_is_finite(name: str) -> None:
    divergence = DIVERGENCES[name]
    t = divergence.activation(V)
    assert (torch.diff(t) > 0).all()
    assert (t < divergence.domain[1]).all()
    assert divergence.conjugate(t).isfinite().all()


@EVERY
def test_the_short_form_of_the_activated_conjugate_is_the_conjugate_of_the_activation(name: str) -> None:
    divergence = DIVERGENCES[name]
    close(divergence.activated_conjugate(V), divergence.conjugate(divergence.activation(V)), rtol=1e-7)


@EVERY
def test_the_best_score_activates_to_the_derivative_of_f(name: str) -> None:
    divergence = DIVERGENCES[name]
    close(divergence.activation(divergence.score(U.log())), divergence.derivative(U))


@EVERY
def test_no_score_up_to_80_overflows_float32_and_none_up_to_15_loses_its_gradient(name: str) -> None:
    divergence = DIVERGENCES[name]
    for function in (divergence.activation, divergence.activated_conjugate):
        wide = torch.linspace(-80, 80, 321)
        assert function(wide).isfinite().all()
        assert gradient(function, wide).isfinite().all()
        near = torch.linspace(-15, 15, 61)
        torch.testing.assert_close(
            gradient(function, near).double(), gradient(function, near.double()), rtol=1e-3, atol=1e-6
        )


def test_the_conjugate_of_jeffrey_has_a_second_derivative() -> None:
    conjugate = DIVERGENCES["jeffrey"].conjugate
    t = torch.tensor([-40.0, -3.0, 0.0, 1.0, 5.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(conjugate, t)
    assert torch.autograd.gradgradcheck(conjugate, t)


@EVERY
def test_the_divergence_of_shifted_gaussians_by_quadrature(name: str) -> None:
    divergence = DIVERGENCES[name]

    def at(x: float) -> float:
        u = torch.tensor(math.exp(P.logpdf(x) - Q.logpdf(x)), dtype=torch.float64)
        return float(Q.pdf(x)) * divergence.f(u).item()

    assert integrate.quad(at, -15, 15, limit=200)[0] == pytest.approx(SHIFTED[name], abs=2e-6)


@EVERY
def test_the_variational_bound_is_tight_at_the_best_score_and_below_elsewhere(name: str) -> None:
    objective = FGAN(name)
    x = torch.linspace(-14, 15, 20_001, dtype=torch.float64)
    p, q = (torch.from_numpy(law.pdf(x.numpy())) for law in (P, Q))
    best = objective.optimal(p, q)

    def bound(score: torch.Tensor) -> float:
        divergence = DIVERGENCES[name]
        value = p * divergence.activation(score) - q * divergence.activated_conjugate(score)
        return torch.trapezoid(value, x).item()

    assert bound(best) == pytest.approx(SHIFTED[name], abs=2e-6)
    for other in (best + 0.1, best - 0.1, best + 0.2 * torch.sin(x), 0.9 * best):
        assert bound(other) < SHIFTED[name] - 1e-4


@EVERY
def test_exchanging_the_distributions_matters_unless_the_divergence_is_symmetric(name: str) -> None:
    f = DIVERGENCES[name].f
    assert torch.allclose(f(U), U * f(1 / U)) == DIVERGENCES[name].symmetric
