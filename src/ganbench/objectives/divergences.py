"""f-divergences as data: D_f(P‖Q) = E_q[f(p/q)] for a convex f with f(1) = 0, and its variational form.

D_f(P‖Q) ≥ E_p[g(v)] − E_q[f*(g(v))] for any score v, with equality where g(v) = f′(p/q) (Nowozin et al. 2016,
equations 4 to 7). The output activation g maps the reals into the domain of the conjugate f*. The paper prints 1 − e^v
for Neyman χ² and squared Hellinger, which falls although its text asks for an increasing g, so that a high score means
«real»; here it is 1 − e^−v, the same game with the score's sign changed. The f of `gan` has f(1) = −2 log 2: its
divergence is 2 JSD − 2 log 2.

All functions are elementwise on tensors of any shape. g(v) and f*(g(v)) are finite in float32, with their gradients,
for |v| ≤ 80; beyond, the exponentials of all but `pearson`, `jensen_shannon` and `gan` overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Divergence:
    """One f-divergence and what training with it needs."""

    f: Function
    """The generator function f(u), u > 0."""

    derivative: Function
    """f′(u): the optimal activated score where p/q = u."""

    at_one: float
    """f′(1), the activated score where p = q."""

    activation: Function
    """g(v), increasing."""

    score: Function
    """The raw score v of the best discriminator where p/q = u, from log u: g(v) = f′(u)."""

    conjugate: Function
    """f*(t) = sup over u > 0 of ut − f(u)."""

    domain: tuple[float, float]
    """The open interval of t = f′(u), u > 0: there the supremum is attained, and `conjugate` is it."""

    activated_conjugate: Function
    """f*(g(v)), simplified so that nothing cancels or overflows early."""

    symmetric: bool = False
    """D_f(P‖Q) = D_f(Q‖P)."""


def jeffrey_conjugate(t: Tensor) -> Tensor:
    """W(e^(1−t)) + 1/W(e^(1−t)) + t − 2, with Lambert's W, for any t; the gradient is 1/W.

    y = log W solves e^y + y = 1 − t. Newton's method starts on the right of the root of this convex function, so it
    descends to it; the last two steps carry the gradient, and that of the gradient.
    """
    s = 1 - t
    fixed = s.detach()
    y = torch.where(fixed > 1, fixed.clamp_min(1).log(), fixed)
    for _ in range(5):
        y = _newton(y, fixed)
    for _ in range(2):
        y = _newton(y, s)
    return y.exp() + (-y).exp() - s - 1


def _newton(y: Tensor, s: Tensor) -> Tensor:
    w = y.exp()
    return y - (w + y - s) / (w + 1)


def _log_sigmoid(v: Tensor) -> Tensor:
    return -softplus(-v)


LOG2 = math.log(2)

DIVERGENCES: dict[str, Divergence] = {
    "kl": Divergence(
        f=lambda u: u * u.log(),
        derivative=lambda u: u.log() + 1,
        at_one=1.0,
        activation=lambda v: v,
        score=lambda log_u: log_u + 1,
        conjugate=lambda t: (t - 1).exp(),
        domain=(-math.inf, math.inf),
        activated_conjugate=lambda v: (v - 1).exp(),
    ),
    "reverse_kl": Divergence(
        f=lambda u: -u.log(),
        derivative=lambda u: -1 / u,
        at_one=-1.0,
        activation=lambda v: -(-v).exp(),
        score=lambda log_u: log_u,
        conjugate=lambda t: -1 - (-t).log(),
        domain=(-math.inf, 0.0),
        activated_conjugate=lambda v: v - 1,
    ),
    # f on all of ℝ, as published; over u > 0 alone, f*(t) = −1 for t < −2, and the loss of a sample there is flat
    "pearson": Divergence(
        f=lambda u: (u - 1).square(),
        derivative=lambda u: 2 * (u - 1),
        at_one=0.0,
        activation=lambda v: v,
        score=lambda log_u: 2 * log_u.expm1(),
        conjugate=lambda t: t.square() / 4 + t,
        domain=(-2.0, math.inf),
        activated_conjugate=lambda v: v.square() / 4 + v,
    ),
    "neyman": Divergence(
        f=lambda u: (1 - u).square() / u,
        derivative=lambda u: 1 - u**-2,
        at_one=0.0,
        activation=lambda v: -(-v).expm1(),
        score=lambda log_u: 2 * log_u,
        conjugate=lambda t: 2 - 2 * (1 - t).sqrt(),
        domain=(-math.inf, 1.0),
        activated_conjugate=lambda v: -2 * (-v / 2).expm1(),
    ),
    "hellinger": Divergence(
        f=lambda u: (u.sqrt() - 1).square(),
        derivative=lambda u: 1 - u.rsqrt(),
        at_one=0.0,
        activation=lambda v: -(-v).expm1(),
        score=lambda log_u: log_u / 2,
        conjugate=lambda t: t / (1 - t),
        domain=(-math.inf, 1.0),
        activated_conjugate=lambda v: v.expm1(),
        symmetric=True,
    ),
    "jeffrey": Divergence(
        f=lambda u: (u - 1) * u.log(),
        derivative=lambda u: u.log() + 1 - 1 / u,
        at_one=0.0,
        activation=lambda v: v,
        score=lambda log_u: log_u - (-log_u).expm1(),
        conjugate=jeffrey_conjugate,
        domain=(-math.inf, math.inf),
        activated_conjugate=jeffrey_conjugate,
        symmetric=True,
    ),
    "jensen_shannon": Divergence(
        f=lambda u: u * u.log() - (u + 1) * ((1 + u) / 2).log(),
        derivative=lambda u: LOG2 + u.log() - u.log1p(),
        at_one=0.0,
        activation=lambda v: LOG2 + _log_sigmoid(v),
        score=lambda log_u: log_u,
        conjugate=lambda t: -(2 - t.exp()).log(),
        domain=(-math.inf, LOG2),
        activated_conjugate=lambda v: softplus(v) - LOG2,
        symmetric=True,
    ),
    "gan": Divergence(
        f=lambda u: u * u.log() - (u + 1) * u.log1p(),
        derivative=lambda u: u.log() - u.log1p(),
        at_one=-LOG2,
        activation=_log_sigmoid,
        score=lambda log_u: log_u,
        conjugate=lambda t: -(-t.expm1()).log(),
        domain=(-math.inf, 0.0),
        activated_conjugate=softplus,
        symmetric=True,
    ),
}
