"""Figures of the metrics: quality against diversity, and every metric by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ganbench.reporting.legend import ARROWS, family, label
from ganbench.reporting.results import Results, TrackResults
from ganbench.reporting.style import Theme, colour, marker, panels
from ganbench.reporting.table import Row, rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIRS = (("recall", "precision"), ("coverage", "density"))
"""Diversity to the right, quality upwards."""

Line = tuple[tuple[int, tuple[float, ...] | None], float]
LINES: dict[str, Line] = {"real": ((0, (4, 2)), 1.0), "ceiling": ((0, None), 0.5)}
"""Dashes and width of what variants are compared with."""
DOTTED: Line = (0, (1, 1.5)), 1.0


def quality_diversity(results: Results, theme: Theme) -> Figure:
    """Precision against recall and density against coverage: seeds small, means large, the real images a star."""
    pairs = [pair for family_pair in PAIRS if (pair := _pair(results, *family_pair))]
    figure, axes = panels(max(1, len(pairs)), 2, (4.4, 3.9))
    if not pairs:
        _nothing(axes[0], theme, "no precision, recall, density or coverage was measured")
        return figure
    made = rows(results)
    for (x, y), axis in zip(pairs, axes, strict=True):
        for index, row in enumerate(made):
            _place(axis, results, row, index, x, y, theme)
        if x in results.real and y in results.real:
            axis.scatter(results.real[x], results.real[y], 190, theme.ink, marker="*", label="real", zorder=5)
        axis.set_xlabel(f"{x}   diversity →")
        axis.set_ylabel(f"{y}   quality →")
        axis.set_title(f"{label(y)} against {label(x).lower()}")
        axis.margins(0.12)
        axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))
        axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(6, len(labels)), handletextpad=0.3)
    return figure


def strips(results: TrackResults, theme: Theme, metrics: Sequence[str], variants: Sequence[str]) -> Figure:
    """A panel a metric, a line a variant: a point a seed, a bar at the mean.

    Dashed: real samples; a thin line: a perfect generator; dotted: what else there is to compare with.
    """
    made = [row for row in rows(results) if row.name in variants]
    figure, axes = panels(max(1, len(metrics)), 3, (3.4, 0.95 + 0.27 * len(made)))
    if not metrics:
        _nothing(axes[0], theme, "no metric was measured")
    for position, (metric, axis) in enumerate(zip(metrics, axes, strict=False)):
        _strip(axis, results, made, metric, theme)
        axis.set_yticks(range(len(made)), [_name(row) if position % 3 == 0 else "" for row in made])
        for tick, row in zip(axis.get_yticklabels(), made, strict=True):
            tick.set_color(theme.warn if row.failed else theme.quiet if row.not_run == row.seeds else theme.ink)
    return figure


def _pair(results: Results, x: str, y: str) -> tuple[str, str] | None:
    """The names of a metric of each of two families, where both were measured."""
    found = [next((name for name in results.of_cells if family(name)[0] == key), None) for key in (x, y)]
    return (found[0], found[1]) if found[0] and found[1] else None


def _place(axis: Axes, results: Results, row: Row, index: int, x: str, y: str, theme: Theme) -> None:
    if x not in row.means or y not in row.means:
        axis.scatter([], [], 70, colour(theme, index), marker=marker(index), label=_name(row))
        return
    done = results.finished(row.name)
    ink, shape = colour(theme, index), marker(index)
    if len(done) > 1:
        axis.scatter(done[x], done[y], 16, ink, marker=shape, alpha=0.5, linewidths=0)
    x_mean, y_mean = row.means[x].value, row.means[y].value
    axis.scatter(x_mean, y_mean, 70, ink, marker=shape, edgecolors=theme.paper, label=_name(row), zorder=4)


def _name(row: Row) -> str:
    """A variant with what became of its seeds."""
    if row.not_run == row.seeds:
        return f"{row.name} (not run)"
    if row.failed == row.seeds:
        return f"{row.name} (failed)"
    return f"{row.name} ({row.failed} failed)" if row.failed else row.name


def _strip(axis: Axes, results: TrackResults, made: list[Row], metric: str, theme: Theme) -> None:
    for index, row in enumerate(made):
        if metric not in row.means:
            continue
        number = results.variants.index(row.name)
        ink, values = colour(theme, number), results.finished(row.name)[metric].dropna()
        (seeds,) = axis.plot(values, [index] * len(values), marker(number), color=ink, markersize=5.5, alpha=0.75)
        seeds.set(linestyle="none", markeredgewidth=0)
        if len(values) > 1:
            axis.plot([row.means[metric].value] * 2, [index - 0.3, index + 0.3], color=ink, linewidth=2)
    compared = {name: others[metric] for name, others in results.references.items() if metric in others}
    for name, other in compared.items():
        dashes, width = LINES.get(name, DOTTED)
        axis.axvline(other, color=theme.ink, linewidth=width, linestyle=dashes, zorder=1)
    axis.set_title(f"{label(metric)} {ARROWS[family(metric)[1].better]}".strip())
    axis.set_xlabel(metric)
    measured = [row.means[metric].value for row in made if metric in row.means] + [*compared.values()]
    if family(metric)[0] == "fid" and measured and min(measured) > 0 and max(measured) > 20 * min(measured):
        axis.set_xscale("log")
    else:
        axis.margins(x=0.08)
    axis.set_ylim(len(made) - 0.4, -0.6)
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)


def _nothing(axis: Axes, theme: Theme, what: str) -> None:
    axis.set_axis_off()
    axis.text(0.5, 0.5, what, ha="center", va="center", color=theme.quiet)
