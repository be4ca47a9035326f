"""Loss curves against images shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.reporting.read import read_json, require, stage
from ganbench.reporting.results import Results, TrackResults
from ganbench.reporting.style import Theme, colour, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ("iteration", "images")
LOSSES = ("discriminator", "generator")
THRESHOLD = "the objective"
"""Where the record of an evaluation says the threshold comes from, unless scores have no origin."""


def history(cell: Cell, losses: tuple[str, ...] = LOSSES) -> pd.DataFrame:
    """The readings of a cell's losses: ``iteration, images``, the named losses, and further terms.

    Raises:
        BenchError: no history, or one without these columns.
    """
    path, command = cell.train_dir / "history.csv", stage("train", cell)
    try:
        readings = pd.read_csv(require(path, command))
    except ValueError as error:
        raise BenchError(f"{path}: not readable as CSV: {' '.join(str(error).split())}; run {command}") from None
    if missing := [name for name in (*COLUMNS, *losses) if name not in readings]:
        raise BenchError(f"{path}: column {missing[0]}: missing; run {command}")
    return readings


def shows_gap(results: TrackResults, variant: str) -> bool:
    """Whether the discriminator's loss is a signed gap E[D(fake)] − E[D(real)], which estimates −W1.

    The record of the evaluation says whether the scores have an origin; a critic's have none. A relativistic critic's
    loss is a mean of softplus, hence never negative; a gap is, as soon as its critic has learned anything.

    Raises:
        BenchError: the record or the history of the cell is missing or damaged.
    """
    cell = results.shown(variant)
    if cell is None:
        return False
    recorded = read_json(cell.evaluation_dir / "record.json", stage("evaluate", cell)).get("discriminator")
    origin = recorded.get("threshold_from") if isinstance(recorded, dict) else THRESHOLD
    return origin != THRESHOLD and bool((history(cell)["discriminator"] < 0).any())


def losses(results: Results, variants: list[str], theme: Theme) -> Figure:
    """A panel a variant: both losses against thousands of real images, all seeds over each other."""
    columns = 3 if len(variants) != 4 else 2
    figure, axes = panels(len(variants), columns, (3.4, 2.5) if len(variants) > 1 else (5.2, 2.9))
    for variant, axis in zip(variants, axes, strict=True):
        _panel(results, variant, axis, theme)
        if len(variants) > 1:
            axis.set_title(variant)
    return figure


def _panel(results: Results, variant: str, axis: Axes, theme: Theme) -> None:
    strong = colour(theme, results.variants.index(variant))
    critic = shows_gap(results, variant)
    diverged = dict(zip(results.rows(variant)["seed"], results.rows(variant)["status"] == "diverged", strict=True))
    for cell in (ran := results.ran(variant)):
        readings = history(cell)
        kimg = readings["images"] / 1000
        first = -readings["discriminator"] if critic else readings["discriminator"]
        _line(axis, kimg, first, strong, "-")
        if not critic:
            _line(axis, kimg, readings["generator"], theme.quiet, (0, (3, 1.5)))
        if diverged[cell.seed]:
            _end(axis, kimg, first, theme)
    if not ran:
        axis.text(0.5, 0.5, "not run", transform=axis.transAxes, ha="center", color=theme.quiet)
        return
    axis.set_xlabel("real images shown, thousands")
    axis.set_xlim(left=0)
    if critic:
        axis.axhline(0, color=theme.quiet, linewidth=0.8)
        axis.set_ylabel("signed gap  E[D(real)] − E[D(fake)]")
        return
    axis.set_ylabel("loss")
    axis.plot([], [], color=strong, label="discriminator")
    axis.plot([], [], color=theme.quiet, linestyle=(0, (3, 1.5)), label="generator")
    axis.legend(loc="best", handlelength=2.2)


def terms(results: TrackResults, variant: str, theme: Theme) -> Figure:
    """Two panels: the players' losses, and below what else the generators minimise, without weights; all seeds.

    For games of any number of players: each column of the history is a line. Sums are not drawn.
    """
    ran = results.ran(variant)
    histories = [history(cell, ()) for cell in ran]
    names = [str(name) for name in histories[0]] if ran else []
    columns = [name for name in names if name not in COLUMNS and not name.endswith("_total")]
    played = [name for name in columns if name.startswith(LOSSES)]
    shown = [group for group in (played, [name for name in columns if name not in played]) if group]
    figure, axes = panels(max(1, len(shown)), 1, (5.2, 2.2))
    for part, axis in zip(shown, axes, strict=False):
        for index, name in enumerate(part):
            for readings in histories:
                if name in readings:
                    _line(axis, readings["images"] / 1000, readings[name], colour(theme, index), "-")
            axis.plot([], [], color=colour(theme, index), label=name.replace("_", " "))
        axis.set_xlabel("real images shown, thousands")
        axis.set_xlim(left=0)
        axis.set_ylabel("loss" if part is played else "term, not weighted")
        axis.legend(loc="best", handlelength=1.6)
    if not shown:
        axes[0].text(0.5, 0.5, "no reading", transform=axes[0].transAxes, ha="center", color=theme.quiet)
    return figure


def _line(axis: Axes, x: pd.Series, y: pd.Series, ink: str, dashes: str | tuple[int, tuple[float, float]]) -> None:
    good = np.isfinite(y.to_numpy(dtype=float))
    axis.plot(x[good], y[good], color=ink, linestyle=dashes, alpha=0.85)


def _end(axis: Axes, x: pd.Series, y: pd.Series, theme: Theme) -> None:
    """Mark where a run diverged: the last finite reading, or the middle of an empty panel."""
    good = np.flatnonzero(np.isfinite(y.to_numpy(dtype=float)))
    if not len(good):
        axis.text(
            0.5, 0.5, "diverged before the first reading", transform=axis.transAxes, ha="center", color=theme.warn
        )
        return
    at = (x.iloc[good[-1]], y.iloc[good[-1]])
    axis.plot(*at, marker="x", markersize=8, markeredgewidth=2, color=theme.warn, clip_on=False, zorder=5)
    axis.annotate("diverged", at, (6, 6), textcoords="offset points", color=theme.warn, fontsize=8)
