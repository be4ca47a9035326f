"""Fenchel conjugates of all f, and every f-divergence as the value of its game."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ganbench.objectives.divergences import DIVERGENCES, Divergence
from ganbench.objectives.losses.f_gan import FGAN
from ganbench.reporting.style import Theme, colour, panels
from ganbench.theory.beside import beside
from ganbench.theory.discriminator import JSD
from ganbench.theory.quadrature import LINE, expected_loss, normal
from ganbench.theory.statement import Chapter, Drawing, Statement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P, Q = normal(0.0), normal(1.0)
CLOSED = {
    "kl": 1 / 2,
    "reverse_kl": 1 / 2,
    "pearson": math.e - 1,
    "neyman": math.e - 1,
    "hellinger": 2 - 2 * math.exp(-1 / 8),
    "jeffrey": 1.0,
    "jensen_shannon": 2 * JSD,
    "gan": 2 * JSD - 2 * math.log(2),
}
"""D_f(N(0, 1)‖N(1, 1)): closed forms, but for the last two."""
GOLDEN = (math.sqrt(5) - 1) / 2


def supremum(divergence: Divergence, t: Tensor) -> Tensor:
    """sup over u > 0 of ut − f(u) at each t, by a golden-section search over log u; float64 (N,)."""
    low, high = torch.full_like(t, -12.0), torch.full_like(t, 12.0)

    def gain(log_u: Tensor) -> Tensor:
        return log_u.exp() * t - divergence.f(log_u.exp())

    for _ in range(90):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        rising = gain(left) < gain(right)
        low, high = torch.where(rising, left, low), torch.where(rising, high, right)
    return gain((low + high) / 2)


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """Each conjugate against the supremum that defines it; each game's value against the divergence."""
    log_u = torch.linspace(-3, 3, 61, dtype=torch.float64)
    statements = []
    for name, divergence in DIVERGENCES.items():
        t = divergence.derivative(log_u.exp())
        off = ((supremum(divergence, t) - divergence.conjugate(t)) / (1 + divergence.conjugate(t).abs())).abs().max()
        statements.append(
            Statement(
                f"conjugate_of_{name}",
                float(off),
                0.0,
                1e-9,
                "f*(t) = sup ut − f(u); Nowozin et al. 2016, equation 3 and table 6",
            )
        )
    ratio = (P.log_density(LINE.nodes) - Q.log_density(LINE.nodes)).exp()
    played = {}
    for name in DIVERGENCES:
        game = FGAN(name)  # type: ignore[arg-type]
        played[name] = -expected_loss(game, game.optimal(ratio, torch.ones_like(ratio)), P, Q)
        statements.append(
            Statement(
                f"game_of_{name}",
                played[name],
                CLOSED[name],
                1e-9,
                "D_f = sup E_p[g(v)] − E_q[f*(g(v))]; Nowozin et al. 2016, equations 4 to 7",
            )
        )

    def draw(theme: Theme) -> Figure:
        return _draw(theme, played)

    alt = (
        "Above: the eight functions f against u; their conjugates against t. Below: the line ut − f*(t) touches f(u) "
        "from below, for KL; the value of each game on the exact one of its divergence"
    )
    return Chapter("Fenchel conjugates", tuple(statements), (Drawing("conjugates", alt, draw),))


def _draw(theme: Theme, played: dict[str, float]) -> Figure:
    figure, (left, middle, right, last) = panels(4, 2, (4.2, 3.0))
    u = torch.linspace(0.02, 3, 300, dtype=torch.float64)
    for index, (name, one) in enumerate(DIVERGENCES.items()):
        dashes = "-" if index < 4 else (0, (4, 1.5))
        left.plot(u, one.f(u), color=colour(theme, index), linestyle=dashes, label=name)
        t = one.derivative(torch.logspace(-2, 1, 400, dtype=torch.float64))
        middle.plot(t, one.conjugate(t), color=colour(theme, index), linestyle=dashes)
    left.axhline(0, color=theme.quiet, linewidth=0.8)
    left.set(title="f", xlabel="u = p/q", ylabel="f(u)", ylim=(-2.2, 5), xlim=(0, 3))
    left.legend(fontsize=6.5, ncols=2, loc="upper right", handlelength=1.6, columnspacing=1)
    middle.set(title="its conjugate f*", xlabel="t = f′(u)", ylabel="f*(t)", xlim=(-3, 3), ylim=(-2, 3))

    one = DIVERGENCES["kl"]
    right.plot(u, one.f(u), color=theme.ink, label="f(u) = u log u")
    for index, at in enumerate((0.3, 1.0, 2.0)):
        point = torch.tensor(at, dtype=torch.float64)
        t = one.derivative(point)
        right.plot(u, u * t - one.conjugate(t), color=colour(theme, index), linewidth=1, label=f"t = {float(t):.2f}")
        right.plot(0, -float(one.conjugate(t)), color=colour(theme, index), marker="o", markersize=4, clip_on=False)
        right.plot(at, float(one.f(point)), color=colour(theme, index), marker="o", markersize=4)
    right.set(title="tangents meet the axis at −f*(t)", xlabel="u", ylabel="ut − f*(t)", ylim=(-2.2, 3), xlim=(0, 3))
    right.legend(loc="upper left")

    beside(last, theme, {name: CLOSED[name] for name in played}, played, "exact")
    last.set(title="every game is worth its divergence", xlabel="of N(0, 1) from N(1, 1)")
    last.legend(loc="upper left")
    return figure
