"""The figure of the courses of all trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ganbench.reporting.course import Course
from ganbench.reporting.learning import courses_of, metric
from ganbench.reporting.legend import label
from ganbench.reporting.results import NOT_RUN, TrackResults
from ganbench.reporting.style import Theme, colour, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS, SIZE = 3, (3.4, 2.2)
"""How many panels stand side by side, and the inches of each."""
MANY = 12
MANY_COLUMNS, MANY_SIZE, MANY_TITLE = 5, (2.04, 1.6), 8
"""The same of more variants than `MANY`, in a figure as wide, and the points of their titles."""
SPREAD = 20
"""How many times the lowest value the highest is, where the axis becomes logarithmic."""
DASHES = (0, (4, 2))


def by_variant(results: TrackResults, theme: Theme) -> Figure:
    """A panel a variant: its seeds against thousands of real images or points; dashed: the floor.

    Grey: the first seed of every variant. A ring marks the best moment of a seed where that is not the final one. All
    panels have the same axes.
    """
    name, count = metric(results), len(results.variants)
    columns, size = (MANY_COLUMNS, MANY_SIZE) if count > MANY else (COLUMNS, SIZE)
    figure, axes = panels(count, columns, size if count > 1 else (5.2, 2.9))
    floor = results.real.get(name)
    others = [found[0] for variant in results.variants if (found := courses_of(results, variant))]
    values = [value for course in results.courses.values() for value in course.values.tolist()]
    values += [] if floor is None else [floor]
    for index, (variant, axis) in enumerate(zip(results.variants, axes, strict=True)):
        axis.sharex(axes[0])
        axis.sharey(axes[0])
        for other in others:
            axis.plot(other.images / 1000, other.values, color=theme.quiet, linewidth=0.8, alpha=0.3)
        if floor is not None:
            axis.axhline(floor, color=theme.ink, linewidth=1, linestyle=DASHES)
        found = courses_of(results, variant)
        for course in found:
            _draw(axis, course, colour(theme, index), theme)
        if not found:
            _say(axis, results, variant, theme)
        axis.set_title(variant, fontsize=MANY_TITLE if count > MANY else None)
        axis.label_outer()
        if index % columns == 0:
            axis.set_ylabel(label(name))
        if index + columns >= count:
            axis.set_xlabel(f"real {results.unit} shown, thousands")
            axis.tick_params(labelbottom=True)
    axes[0].set_xlim(left=0)
    if min(values) > 0 and max(values) > SPREAD * min(values):
        axes[0].set_yscale("log")
        axes[0].yaxis.set_major_formatter("{x:g}")
    else:
        axes[0].set_ylim(bottom=min(0.0, *values))
    return figure


def _draw(axis: Axes, course: Course, ink: str, theme: Theme) -> None:
    axis.plot(course.images / 1000, course.values, color=ink, marker="o", markersize=2.8, linewidth=1.5)
    if (moment := course.best) != len(course.values) - 1:
        at = (course.images[moment] / 1000, course.values[moment])
        axis.plot(*at, "o", markersize=8, markerfacecolor="none", markeredgecolor=theme.ink, markeredgewidth=1)


def _say(axis: Axes, results: TrackResults, variant: str, theme: Theme) -> None:
    """Why a variant has no curve."""
    statuses = set(results.rows(variant)["status"])
    why, ink = "no moments kept", theme.quiet
    if "finished" not in statuses:
        why, ink = (NOT_RUN, theme.quiet) if NOT_RUN in statuses else ("failed: every seed diverged", theme.warn)
    axis.text(0.5, 0.9, why, transform=axis.transAxes, ha="center", color=ink)
