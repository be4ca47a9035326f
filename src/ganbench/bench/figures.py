"""Figures of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ganbench.reporting.style import Theme, colour, marker, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Record = Mapping[str, Any]
COLUMNS = {"a": "A: tensors ready", "b": "B: own loaders", "c": "C: best flags", "end_to_end": "end to end"}


def peers_figure(results: Sequence[Record], theme: Theme) -> Figure:
    """Ratios to the peers: the median as a dot, min–max as a line; right of 1 is faster."""
    figure, (axis,) = panels(1, 1, (7.2, 0.9 + 0.62 * len(results)))
    for row, result in enumerate(results):
        for index, column in enumerate(COLUMNS):
            ratio = result["columns"][column]["ratio"]
            y = row + 0.18 * (index - 1.5)
            axis.plot([ratio["min"], ratio["max"]], [y, y], color=colour(theme, index), alpha=0.5)
            axis.plot(ratio["median"], y, marker(index), color=colour(theme, index), markersize=5)
    for index, name in enumerate(COLUMNS.values()):
        axis.plot([], [], marker(index), color=colour(theme, index), markersize=5, label=name)
    axis.axvline(1, color=theme.quiet, linewidth=0.8)
    axis.set_yticks(range(len(results)), [f"{result['peer']}\n{result['workload']}" for result in results])
    axis.invert_yaxis()
    axis.set_xscale("log", base=2)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axis.set_xlabel("images per second, ours to the peer's")
    axis.set_title("Against peers: the same networks, interleaved")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=4)
    return figure


def shares_figure(results: Sequence[Record], theme: Theme) -> Figure:
    """Where the time of a round goes, a bar for each training."""
    figure, (axis,) = panels(1, 1, (7.2, 0.9 + 0.42 * len(results)))
    groups = list(results[0]["profile"])
    left = [0.0] * len(results)
    for index, group in enumerate(groups):
        values = [result["profile"][group] for result in results]
        axis.barh(
            range(len(results)),
            values,
            left=left,
            color=colour(theme, index),
            alpha=1.0 if index < len(theme.cycle) else 0.55,
            label=group,
            height=0.62,
        )
        left = [start + value for start, value in zip(left, values, strict=True)]
    axis.set_yticks(range(len(results)), [result.get("workload") or result["variant"] for result in results])
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axis.set_xlabel("share of the time of our step, by a profile")
    axis.set_title("Where the time goes")
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, -0.22), ncols=4)
    return figure


def scale_figure(results: Sequence[Record], theme: Theme) -> Figure:
    """A panel for each axis: time or speed with its range, and memory, relative to the smallest size."""
    axes: dict[str, list[Record]] = {}
    for result in results:
        axes.setdefault(result["what"], []).append(result)
    figure, drawn = panels(len(axes), 3, (2.9, 2.4))
    for axis, (what, rows) in zip(drawn, axes.items(), strict=True):
        times = [row["times"] for row in rows]
        speed = "images_per_second" in rows[0]
        quantity = "images_per_second" if speed else "seconds"
        for index, (key, name) in enumerate(
            {quantity: "images/s" if speed else "seconds", "peak_mb": "peak memory"}.items()
        ):
            values = [row[key] / rows[0][key] for row in rows]
            axis.plot(times, values, marker=marker(index), color=colour(theme, index), markersize=4, label=name)
        if speed:
            spreads, smallest = [row["images_per_second_spread"] for row in rows], rows[0][quantity]
            low, high = ([spread[end] / smallest for spread in spreads] for end in ("min", "max"))
            axis.vlines(times, low, high, color=colour(theme, 0), linewidth=1)
        axis.set_xscale("log", base=2)
        axis.set_yscale("log", base=2)
        for scale in (axis.xaxis, axis.yaxis):
            scale.set_major_formatter(lambda value, _: f"{value:g}×")
        axis.set_xticks(times)
        axis.set_title(what.replace("with nothing to do", "no-op"))
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2)
    return figure
