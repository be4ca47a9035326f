"""A panel of numbers by name: what is exact, and what the game found on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ganbench.reporting.style import Theme, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def beside(axis: Axes, theme: Theme, exact: Mapping[str, float], found: Mapping[str, float], by: str) -> None:
    """A row a name, the first on top: a disc where the exact value is, a cross where the found one is.

    Args:
        axis: to draw on.
        theme: of the figure.
        exact: name → exact value.
        found: the same names → what the game found.
        by: where the exact values are from, for the legend.
    """
    for row, (name, value) in enumerate(exact.items()):
        ink = colour(theme, row)
        axis.plot(value, row, color=ink, marker="o", markersize=11, alpha=0.35, markeredgewidth=0)
        axis.plot(found[name], row, color=ink, marker="x", markersize=5.5)
    axis.plot([], [], color=theme.quiet, marker="o", markersize=9, alpha=0.4, linestyle="none", label=by)
    axis.plot([], [], color=theme.quiet, marker="x", markersize=5, linestyle="none", label="the game")
    axis.set_yticks(range(len(exact)), list(exact))
    axis.invert_yaxis()
    axis.margins(0.12)
