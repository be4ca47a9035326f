"""What the report shows of the track `points`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import Cell
from ganbench.data.points.source import open_points
from ganbench.reporting.declared import declared
from ganbench.reporting.embed import Picture, embed
from ganbench.reporting.read import require, stage
from ganbench.reporting.results import NOT_RUN, PointsResults
from ganbench.reporting.style import Theme, colour, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ganbench.params import Points

COLUMNS = 6
SHOWN = 1000


@dataclass(frozen=True)
class PointsSection:
    """A variant of points: its pictures are those of its first seed that finished."""

    name: str
    yaml: str
    failed: int
    reasons: list[str]
    commands: list[str]
    progress: Picture | None
    discriminator: Picture | None


def sections(results: PointsResults) -> list[PointsSection]:
    """One a variant, in the order of params.yaml.

    Raises:
        BenchError: a picture is missing, with the command that makes it.
    """
    return [_section(results, variant) for variant in results.variants]


def wall(results: PointsResults, theme: Theme) -> Figure:
    """Real points, then the final samples of each variant; on a line a histogram over the exact density."""
    source = open_points(_points(results).dataset)
    names = ["real", *results.variants]
    figure, axes = panels(len(names), COLUMNS, (1.6, 1.75))
    for index, (name, axis) in enumerate(zip(names, axes, strict=True)):
        axis.set_title(name, fontsize=8)
        axis.set(xticks=[], yticks=[], xlim=(-source.reach, source.reach))
        axis.grid(visible=False)
        cell = None if name == "real" else results.shown(name)
        if name == "real":
            drawn, ink = source.draw(SHOWN, np.random.default_rng(0)), theme.ink
        elif cell is not None:
            drawn, ink = _samples(cell), colour(theme, index - 1)
        else:
            ran = bool(results.ran(name))
            ink = theme.warn if ran else theme.quiet
            axis.text(0.5, 0.5, "failed" if ran else NOT_RUN, transform=axis.transAxes, ha="center", color=ink)
            continue
        if source.dim == 1:
            axis.hist(drawn[:, 0], bins=80, range=(-source.reach, source.reach), density=True, color=ink)
        else:
            axis.scatter(drawn[:, 0], drawn[:, 1], s=1.5, color=ink, linewidths=0)
            axis.set_ylim(-source.reach, source.reach)
    return figure


def _section(results: PointsResults, variant: str) -> PointsSection:
    cell, rows = results.shown(variant), results.rows(variant)
    failures = rows[rows["status"] == "diverged"]
    command = "" if cell is None else stage("evaluate", cell)
    return PointsSection(
        name=variant,
        yaml=declared(variant, _points(results).variants[variant]),
        failed=len(failures),
        commands=list(dict.fromkeys(rows.loc[rows["status"] == NOT_RUN, "reason"])),
        reasons=[f"seed {row['seed']}: {row['reason']}" for _, row in failures.iterrows()],
        progress=None if cell is None else embed(cell.evaluation_dir / "progress.png", command),
        discriminator=None if cell is None else embed(cell.evaluation_dir / "discriminator.png", command),
    )


def _points(results: PointsResults) -> Points:
    assert results.params.points is not None
    return results.params.points


def _samples(cell: Cell) -> NDArray[np.float64]:
    with np.load(require(cell.evaluation_dir / "samples.npz", stage("evaluate", cell))) as archive:
        return np.asarray(archive["points"][:SHOWN], np.float64)
