"""Disjoint supports: the Jensen–Shannon divergence is stuck at log 2, the earth mover's distance falls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import ot
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.games.optimizers.adam import Adam
from ganbench.objectives.losses.minimax import Minimax
from ganbench.reporting.style import Theme, panels
from ganbench.theory.quadrature import jensen_shannon
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.training import run, scorer, train

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 100
ANGLES = (-1.0, -0.5, -0.1, -0.01, 0.0, 0.01, 0.1, 0.5, 1.0)
START = 5.0
GENERATORS = tuple(range(0, 101, 10))
TRAINED = (0, 50, 90)
STEPS, BATCH = 200, 128
LINES = "Arjovsky et al. 2017, example 1: parallel lines θ apart"
SEQUENCE = "Arjovsky and Bottou 2017, theorem 2.3: generators G₀ … G₁₀₀ that approach the data"

Array = NDArray[np.float64]


def line(x: float) -> Array:
    """A vertical line of unit length at x, as equal masses (POINTS, 2)."""
    heights = (np.arange(POINTS) + 0.5) / POINTS
    return np.stack([np.full(POINTS, x), heights], 1)


def divergence(a: Array, b: Array) -> float:
    """JSD of equal masses at points (n, 2) and (m, 2): discrete distributions on the union of both."""
    _, place = np.unique(np.concatenate([a, b]), axis=0, return_inverse=True)
    count = place.max() + 1
    p = np.bincount(place[: len(a)], minlength=count) / len(a)
    q = np.bincount(place[len(a) :], minlength=count) / len(b)
    return jensen_shannon(torch.from_numpy(p), torch.from_numpy(q))


def earth_mover(a: Array, b: Array) -> float:
    """W1 of equal masses at points (n, d) and (m, d), exactly, by linear programming."""
    return float(ot.emd2([], [], ot.dist(a, b, metric="euclidean")))


def place(generator: int) -> float:
    """Where G_k is: the data stand at 0."""
    return START * (1 - generator / 100)


def estimate(at: float) -> float:
    """JSD as a trained discriminator sees it: log 2 − loss / 2, between the lines at 0 and `at`."""

    def draw() -> tuple[Tensor, Tensor]:
        return (torch.stack([torch.full((BATCH,), x), torch.rand(BATCH)], 1) for x in (0.0, at))  # type: ignore[return-value]

    network = scorer(2)
    run(train(network, Minimax(), (), Adam(lr=5e-3, betas=(0.5, 0.9)), draw, STEPS))
    with torch.no_grad():
        real, fake = (network(torch.from_numpy(line(x)).float()) for x in (0.0, at))
    return math.log(2) - float(Minimax().discriminator(real, fake)) / 2


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """Parallel lines, then a sequence of generators that approach the data, also as a discriminator sees them."""
    data = line(0.0)
    jsd = {angle: divergence(data, line(angle)) for angle in ANGLES}
    w1 = {angle: earth_mover(data, line(angle)) for angle in ANGLES}
    far = [abs(jsd[angle] - math.log(2)) for angle in ANGLES if angle]
    off = [abs(w1[angle] - abs(angle)) for angle in ANGLES]
    sequence = {k: (divergence(data, line(place(k))), earth_mover(data, line(place(k)))) for k in GENERATORS}
    seen = {k: estimate(place(k)) for k in TRAINED}
    statements = [
        Statement("jsd_of_parallel_lines", math.log(2) + max(far), math.log(2), 1e-12, f"{LINES}: log 2 for θ ≠ 0"),
        Statement("jsd_of_one_line_with_itself", jsd[0.0], 0.0, 1e-12, f"{LINES}: 0 for θ = 0"),
        Statement("w1_of_parallel_lines_less_theta", max(off), 0.0, 1e-9, f"{LINES}: W1 = |θ|"),
    ]
    for k in (0, 50, 100):
        expected = 0.0 if k == 100 else math.log(2)
        statements += [
            Statement(f"jsd_of_g{k}", sequence[k][0], expected, 1e-12, SEQUENCE),
            Statement(f"w1_of_g{k}", sequence[k][1], place(k), 1e-9, SEQUENCE),
        ]
    statements += [
        Statement(f"trained_jsd_of_g{k}", seen[k], math.log(2), 0.01, f"{SEQUENCE}; log 2 − loss / 2 of a trained D")
        for k in TRAINED
    ]

    def draw(theme: Theme) -> Figure:
        return _draw(theme, jsd, w1, sequence, seen)

    alt = (
        "Left: the data and the lines G₀, G₅₀ and G₁₀₀. Middle: JSD and W1 of parallel lines against their distance. "
        "Right: along the sequence of generators W1 falls, JSD stays at log 2 until the last"
    )
    return Chapter("Disjoint supports", tuple(statements), (Drawing("supports", alt, draw),))


def _draw(
    theme: Theme,
    jsd: dict[float, float],
    w1: dict[float, float],
    sequence: dict[int, tuple[float, float]],
    seen: dict[int, float],
) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.2, 2.8))
    left.plot([0, 0], [0, 1], color=theme.cycle[0], linewidth=5, alpha=0.35, label="data", solid_capstyle="butt")
    for k in (0, 50, 100):
        left.plot([place(k)] * 2, [0, 1], color=theme.cycle[1], linewidth=1.8)
        left.annotate(f"G$_{{{k}}}$", (place(k), 1.03), ha="center", color=theme.cycle[1], fontsize=9)
    left.set(title="generators approach the data", xlabel="x", ylabel="y", xlim=(-1, 6), ylim=(-0.1, 1.25))
    left.legend(loc="lower right")

    apart = np.array([angle for angle in ANGLES if angle])
    middle.plot(apart[apart < 0], [jsd[a] for a in apart if a < 0], color=theme.cycle[5], label="JSD")
    middle.plot(apart[apart > 0], [jsd[a] for a in apart if a > 0], color=theme.cycle[5])
    middle.plot(0, jsd[0.0], color=theme.cycle[5], marker="o", markersize=4.5)
    middle.plot(ANGLES, [w1[a] for a in ANGLES], color=theme.cycle[0], label="W1")
    _log_two(middle, theme, -1)
    middle.set(
        title="parallel lines", xlabel="θ, distance of the lines", ylabel="nats; units of length", ylim=(-0.05, 1.1)
    )
    middle.legend(loc="lower left")

    right.plot(
        GENERATORS, [sequence[k][1] for k in GENERATORS], color=theme.cycle[0], marker="s", markersize=3, label="W1"
    )
    right.plot(
        GENERATORS,
        [sequence[k][0] for k in GENERATORS],
        color=theme.cycle[5],
        marker="o",
        markersize=4,
        linestyle="none",
        label="JSD",
    )  # no line: between the last two moments it jumps
    right.plot(list(seen), list(seen.values()), color=theme.ink, marker="x", linestyle="none", label="JSD, trained D")
    _log_two(right, theme, 22)
    right.set(title="what a generator can feel", xlabel="k of G$_k$", ylabel="nats; units of length")
    right.legend(loc="upper right")
    return figure


def _log_two(axis: Axes, theme: Theme, x: float) -> None:
    axis.axhline(math.log(2), color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    axis.annotate("log 2", (x, math.log(2)), (0, 3), textcoords="offset points", color=theme.quiet, fontsize=8)
