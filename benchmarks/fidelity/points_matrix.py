"""A matrix of points: a variant for every objective under every constraint, its table and its picture."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from claims import text_of, value_of
from matplotlib.colors import LogNorm
from tables import Column

from ganbench.statistics.interval import mean

BETWEEN = "__"
"""Of a variant's name: what stands between objective and constraint."""
SHADES = "viridis_r"
REFUSED = "refused"

Cells = Sequence[Mapping[str, Any]]
"""The metrics of a variant's seeds."""


def expand(values: dict[str, Any]) -> dict[str, Any]:
    """A protocol's sections with the variants that its `matrix` declares; those without one as they are.

    Args:
        values: sections of params.yaml, and `matrix`: `all`, what every variant has; `objective` and `constraint`,
            values by name; `refused`, names of the pairs that make no sense.
    """
    matrix = values.pop("matrix", None)
    if matrix is None:
        return values
    variants = {
        name: matrix["all"] | {"objective": first, "constraint": second}
        for objective, first in matrix["objective"].items()
        for constraint, second in matrix["constraint"].items()
        if (name := f"{objective}{BETWEEN}{constraint}") not in matrix["refused"]
    }
    return values | {"points": values["points"] | {"variants": variants}}


def axes_of(variants: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Objectives and constraints of these names, in their order."""
    pairs = [name.split(BETWEEN) for name in variants]
    return list(dict.fromkeys(pair[0] for pair in pairs)), list(dict.fromkeys(pair[1] for pair in pairs))


def table(variants: Mapping[str, Cells], shown: Column) -> list[str]:
    """A row an objective, a column a constraint: means with t intervals, and medians of means on both margins.

    Args:
        variants: the seeds' metrics by name of the pair.
        shown: the metric.
    """
    rows, columns = axes_of(variants)
    lines = [f"| {shown.head} | {' | '.join(columns)} | median |", f"|---|{'---|' * (len(columns) + 1)}"]
    for row in rows:
        cells = [_cell(variants.get(f"{row}{BETWEEN}{column}"), shown) for column in columns]
        middle = _median(variants, shown, [f"{row}{BETWEEN}{column}" for column in columns])
        lines.append(f"| `{row}` | {' | '.join(cells)} | {_text(middle, shown.digits)} |")
    margins = [_median(variants, shown, [f"{row}{BETWEEN}{column}" for row in rows]) for column in columns]
    lines.append(f"| *median* | {' | '.join(_text(value, shown.digits) for value in margins)} | – |")
    return lines


def draw(variants: Mapping[str, Cells], metrics: Sequence[Column], path: Path) -> None:
    """A panel a metric, on a logarithmic scale of colours: bright is small. Where a seed diverged, how many.

    Args:
        variants: the seeds' metrics by name of the pair.
        metrics: those of the panels.
        path: of the picture.
    """
    rows, columns = axes_of(variants)
    figure, panels = plt.subplots(
        1, len(metrics), figsize=(1 + 6.2 * len(metrics), 0.42 * len(rows) + 1.4), sharey=True
    )
    for panel, metric in zip(np.atleast_1d(panels), metrics, strict=True):
        found = np.array([[_value(variants.get(f"{row}{BETWEEN}{column}"), metric) for column in columns]
                          for row in rows])  # fmt: skip
        shades = LogNorm(float(np.nanmin(found)), float(np.nanmax(found)))
        panel.imshow(found, cmap=SHADES, norm=shades, aspect="auto")
        for (row, column), value in np.ndenumerate(found):
            cells = variants.get(f"{rows[row]}{BETWEEN}{columns[column]}")
            dark = not np.isnan(value) and shades(value) > 0.5
            panel.text(column, row, _note(cells, value), ha="center", va="center", fontsize=8,
                       color="white" if dark else "black")  # fmt: skip
        panel.set_xticks(range(len(columns)), columns, rotation=30, ha="right")
        panel.set_yticks(range(len(rows)), rows)
        panel.set_title(metric.head)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _values(cells: Cells | None, column: Column) -> list[float]:
    """Of the seeds that finished."""
    done = [cell for cell in cells or () if cell["status"] == "finished"]
    return [value for cell in done if (value := value_of(cell, column)) is not None]


def _value(cells: Cells | None, column: Column) -> float:
    values = _values(cells, column)
    return mean(values).value if values else float("nan")


def _cell(cells: Cells | None, column: Column) -> str:
    if not cells:
        return REFUSED if cells is None else "–"
    values = _values(cells, column)
    gone = f" ({len(cells) - len(values)} of {len(cells)} diverged)" if len(values) < len(cells) else ""
    return f"{text_of(mean(values), column.digits) if values else '–'}{gone}"


def _median(variants: Mapping[str, Cells], column: Column, names: Sequence[str]) -> float:
    """Of the means of the pairs that have one; what was refused or not run is left out, what diverged is the worst."""
    means = [_value(variants[name], column) for name in names if variants.get(name)]
    return statistics.median([float("inf") if np.isnan(value) else value for value in means] or [float("nan")])


def _text(middle: float, digits: int) -> str:
    return "–" if np.isnan(middle) else "diverged" if np.isinf(middle) else f"{middle:.{digits}f}"


def _note(cells: Cells | None, value: float) -> str:
    if cells is None:
        return REFUSED
    gone = sum(cell["status"] != "finished" for cell in cells)
    shown = "" if np.isnan(value) else f"{value:.2g}"
    return f"{shown}\n{gone} diverged".strip() if gone else shown
