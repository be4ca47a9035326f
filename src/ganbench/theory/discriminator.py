"""The optimal discriminator of two known Gaussians, and what the game is worth there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ganbench.games.optimizers.adam import Adam
from ganbench.objectives.losses.minimax import Minimax
from ganbench.reporting.style import Theme, panels
from ganbench.theory.quadrature import LINE, Mixture, expected_loss, normal
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.training import scorer, scores_of, train

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P, Q = normal(0.0), normal(1.0)
JSD = 0.1114214821847
"""Jensen–Shannon divergence of N(0, 1) and N(1, 1) in nats, by adaptive quadrature; it has no closed form."""
STEPS, BATCH = 800, 512
SHIFTS = tuple(0.5 * k for k in range(13))


def value(scores: Tensor, p: Mixture = P, q: Mixture = Q) -> float:
    """V(D) = E_p[log D] + E_q[log(1 − D)], D = sigmoid(score), by quadrature of the bench's loss."""
    return -expected_loss(Minimax(), scores, p, q)


def divergence(p: Mixture, q: Mixture) -> float:
    """JSD(p, q) = ½ ∫ p log(2p/(p + q)) + q log(2q/(p + q)), by quadrature."""
    log_p, log_q = p.log_density(LINE.nodes), q.log_density(LINE.nodes)
    log_m = torch.logaddexp(log_p, log_q) - math.log(2)
    return LINE.integrate(log_p.exp() * (log_p - log_m) + log_q.exp() * (log_q - log_m)) / 2


def kullback_leibler(p: Mixture, q: Mixture) -> float:
    """KL(p‖q) by quadrature."""
    log_p, log_q = p.log_density(LINE.nodes), q.log_density(LINE.nodes)
    return LINE.integrate(log_p.exp() * (log_p - log_q))


def optimal_scores(p: Mixture = P, q: Mixture = Q) -> Tensor:
    """The bench's optimal scores at the nodes of the line, through the log densities, which do not underflow."""
    ratio = (p.log_density(LINE.nodes) - q.log_density(LINE.nodes)).exp()
    return Minimax().optimal(ratio, torch.ones_like(ratio))


def best_point_by_point(x: Tensor) -> Tensor:
    """The score that minimises p a(s) + q b(s) at each x, by Newton's method on the bench's loss; (N,)."""
    p, q, origin = P.density(x), Q.density(x), torch.zeros(1, dtype=torch.float64)
    on_real = torch.func.vmap(Minimax().discriminator, in_dims=(0, None))
    on_fake = torch.func.vmap(Minimax().discriminator, in_dims=(None, 0))

    def loss(scores: Tensor) -> Tensor:
        total: Tensor = (p * on_real(scores[:, None], origin) + q * on_fake(origin, scores[:, None])).sum()
        return total

    def slope(scores: Tensor) -> Tensor:
        found: Tensor = torch.func.grad(loss)(scores)
        return found

    scores = torch.zeros_like(x)
    for _ in range(40):
        curvature = torch.func.grad(lambda at: slope(at).sum())(scores)
        scores = scores - (slope(scores) / curvature).clamp(-1, 1)
    return scores


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """D* point by point, its value, and a network that is trained to it."""
    p, q = P.density(LINE.nodes), Q.density(LINE.nodes)
    exact = p / (p + q)
    x = torch.linspace(-4, 5, 181, dtype=torch.float64)
    searched = best_point_by_point(x).sigmoid()
    ideal = P.density(x) / (P.density(x) + Q.density(x))

    network = scorer(1)
    optimizer = Adam(lr=5e-3, betas=(0.9, 0.999))
    course = []
    for step in train(network, Minimax(), (), optimizer, lambda: (_points(P), _points(Q)), STEPS):
        if step & (step - 1) == 0 or step % 50 == 0:
            course.append((step, value(scores_of(network, LINE.nodes[:, None]))))
    scores = scores_of(network, LINE.nodes[:, None])
    trained = scores.sigmoid()
    off = LINE.integrate((p + q) / 2 * (trained - exact).abs())

    jsd = divergence(P, Q)
    bound = -2 * math.log(2) + 2 * jsd
    statements = (
        Statement(
            "optimal_discriminator_by_quadrature",
            float((searched - ideal).abs().max()),
            0.0,
            1e-9,
            "D* = p/(p + q); Goodfellow et al. 2014, proposition 1",
        ),
        Statement(
            "optimal_discriminator_by_training",
            off,
            0.0,
            0.02,
            "E|D − D*| over data and samples; Goodfellow et al. 2014, proposition 1",
        ),
        Statement(
            "value_at_the_optimum",
            value(optimal_scores()),
            bound,
            1e-9,
            "V(D*) = −2 log 2 + 2 JSD; Goodfellow et al. 2014, theorem 1",
        ),
        Statement("value_of_a_trained_network", value(scores), bound, 2e-3, "V(D) ≈ V(D*) after training"),
        Statement("value_is_nowhere_above", max(v for _, v in course), bound, 1e-9, "V(D) ≤ V(D*) for every D", "≤"),
        Statement("jsd_of_unit_normals_one_apart", jsd, JSD, 1e-9, "JSD(N(0, 1), N(1, 1)), by another quadrature"),
        Statement("kl_of_unit_normals_one_apart", kullback_leibler(P, Q), 0.5, 1e-9, "KL = (difference of means)² / 2"),
    )

    def draw(theme: Theme) -> Figure:
        return _draw(theme, trained, course, bound)

    alt = (
        "Left: two Gaussians, the optimal discriminator and a trained one on top of it. Middle: the value rises to its "
        "bound in training. Right: the value at the optimum against the distance of the means"
    )
    return Chapter("The optimal discriminator", statements, (Drawing("discriminator", alt, draw),))


def _points(of: Mixture) -> Tensor:
    return of.sample(BATCH)[:, None]


def _draw(theme: Theme, trained: Tensor, course: list[tuple[int, float]], bound: float) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.2, 2.8))
    shown = (LINE.nodes > -4) & (LINE.nodes < 5)
    x = LINE.nodes[shown].numpy()
    p, q = P.density(LINE.nodes), Q.density(LINE.nodes)
    for density, ink, name in ((p, theme.cycle[0], "p: data"), (q, theme.cycle[1], "q: generator")):
        left.fill_between(x, density[shown].numpy(), color=ink, alpha=0.25, linewidth=0, label=name)
    left.plot(x, (p / (p + q))[shown].numpy(), color=theme.ink, linewidth=3, alpha=0.35, label="D* = p/(p + q)")
    left.plot(x, trained[shown].numpy(), color=theme.cycle[5], label="trained D")
    left.set(title="two Gaussians", xlabel="x", ylabel="density, probability", ylim=(0, 1.02))
    left.legend(loc="upper right")

    steps, values = zip(*course, strict=True)
    middle.plot(steps, values, color=theme.cycle[5], marker="o", markersize=2.5)
    middle.axhline(bound, color=theme.ink, linewidth=1, linestyle=(0, (4, 2)))
    middle.annotate("−2 log 2 + 2 JSD", (1, bound), (0, 4), textcoords="offset points", color=theme.ink, fontsize=8)
    middle.set(title="training climbs to the bound", xlabel="steps", ylabel="V(D), nats", xscale="log")
    middle.margins(y=0.15)

    exact = [-2 * math.log(2) + 2 * divergence(P, normal(m)) for m in SHIFTS]
    found = [value(optimal_scores(P, normal(m)), P, normal(m)) for m in SHIFTS]
    right.plot(SHIFTS, exact, color=theme.ink, linewidth=3, alpha=0.35, label="−2 log 2 + 2 JSD")
    right.plot(SHIFTS, found, color=theme.cycle[5], marker="o", markersize=3.5, linestyle="none", label="V(D*)")
    for level, text in ((0.0, "0: told apart"), (-2 * math.log(2), "−2 log 2: the same")):
        right.axhline(level, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
        below = level == 0
        right.annotate(
            text,
            (0 if below else 6, level),
            (0, -10 if below else 4),
            textcoords="offset points",
            ha="left" if below else "right",
            color=theme.quiet,
            fontsize=8,
        )
    right.set(title="the value is a divergence", xlabel="distance of the means", ylabel="nats")
    right.legend(loc="center right")
    return figure
