"""The earth mover's distance as a transport plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import wasserstein_distance

from ganbench.evaluation.metrics.frechet import frechet_distance
from ganbench.reporting.style import Theme, panels
from ganbench.theory.statement import Chapter, Drawing, Statement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLACES = 10
SLICES = 400
PLAN = "Arjovsky et al. 2017, equation 1: the least cost of all plans with these margins"

Array = NDArray[np.float64]


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """The optimal plan between two heaps of earth, beside a worse one, and its dual."""
    places = np.arange(PLACES, dtype=np.float64)
    p = np.array([4, 5, 2, 0, 0, 0, 0, 2, 4, 1], np.float64) / 18
    q = np.array([0, 1, 3, 4, 2, 1, 2, 3, 1, 1], np.float64) / 18
    cost = np.abs(places[:, None] - places[None])
    plan, log = ot.emd(p, q, cost, log=True)
    worse = np.outer(p, q)
    best, paid = float((plan * cost).sum()), float((worse * cost).sum())
    dual = float(log["u"] @ p + log["v"] @ q)
    margins = max(np.abs(plan.sum(1) - p).max(), np.abs(plan.sum(0) - q).max())
    exact = float(wasserstein_distance(places, places, p, q))
    slack = float((log["u"][:, None] + log["v"][None] - cost).max())

    quantiles = ndtri((np.arange(SLICES) + 0.5) / SLICES)[:, None]
    shifted = float(ot.emd2([], [], ot.dist(quantiles, quantiles + 1, metric="euclidean")))
    two = np.eye(2)
    fid = frechet_distance(np.zeros(2), two, np.ones(2), 4 * two)
    statements = (
        Statement("earth_mover_by_plan", best, exact, 1e-9, f"{PLAN}; oracle: scipy.stats.wasserstein_distance"),
        Statement(
            "earth_mover_by_dual", dual, exact, 1e-9, "Kantorovich–Rubinstein duality; Villani 2009, theorem 5.10"
        ),
        Statement("margins_of_the_plan", float(margins), 0.0, 1e-12, "rows sum to p, columns to q"),
        Statement("dual_is_feasible", slack, 0.0, 1e-9, "u(x) + v(y) ≤ |x − y|: the potential is 1-Lipschitz", "≤"),
        Statement("a_worse_plan_costs_more", paid, exact, 0.0, f"{PLAN}; here that of independent draws", "≥"),
        Statement("w1_of_unit_normals_one_apart", shifted, 1.0, 1e-9, "W1 of a shift is its length"),
        Statement(
            "fid_of_two_gaussians",
            fid,
            4.0,
            1e-9,
            "FID(N(0, I₂), N(1, 4 I₂)) = 2 + 2 (1 + 4 − 2·2); Dowson and Landau 1982",
        ),
    )

    def draw(theme: Theme) -> Figure:
        figure, (left, middle, right, last) = panels(4, 2, (4.0, 3.1))
        left.bar(places - 0.2, p, 0.38, color=theme.cycle[0], label="p: earth")
        left.bar(places + 0.2, q, 0.38, color=theme.cycle[1], label="q: holes")
        left.set(title="two heaps", xlabel="place", ylabel="mass", xticks=places)
        left.grid(axis="x", visible=False)
        left.legend(loc="upper center")
        _plan(middle, theme, plan, f"the best plan costs {best:.3g}")
        _plan(right, theme, worse, f"a worse one costs {paid:.3g}")
        potential = (cost - log["v"]).min(1)  # of all f with f(x) + v(y) ≤ |x − y| the largest, which is 1-Lipschitz
        earned = float(potential @ (p - q))
        last.bar(places, 18 * (p - q), 0.5, color=theme.cycle[5], alpha=0.4, label="p − q, eighteenths")
        last.plot(
            places, potential - potential.mean(), color=theme.ink, marker="o", markersize=4, label="f, slopes ≤ 1"
        )
        last.set(title=f"the dual's f earns {earned:.3g}", xlabel="place", ylabel="f; mass", xticks=places)
        last.legend(loc="upper center", fontsize=7)
        return figure

    alt = (
        "Two histograms; the optimal transport plan between them as a matrix; a worse plan, which is spread out; "
        "the potential of the dual, whose slopes are at most 1"
    )
    return Chapter("The earth mover's distance", statements, (Drawing("transport", alt, draw),))


def _plan(axis: Axes, theme: Theme, plan: Array, title: str) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("mass", [theme.paper, theme.cycle[0]])
    axis.imshow(plan, cmap=shades, vmin=0, vmax=plan.max(), aspect="equal")
    axis.plot([-0.5, PLACES - 0.5], [-0.5, PLACES - 0.5], color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    for row, column in zip(*np.nonzero(plan), strict=True):
        if plan[row, column] > 0.02:
            strong = plan[row, column] > plan.max() / 2
            axis.text(
                column,
                row,
                f"{18 * plan[row, column]:.2g}",
                ha="center",
                va="center",
                fontsize=6.5,
                color=theme.paper if strong else theme.ink,
            )
    axis.set(title=title, xlabel="to", ylabel="from", xticks=range(PLACES), yticks=range(PLACES))
    axis.grid(visible=False)
