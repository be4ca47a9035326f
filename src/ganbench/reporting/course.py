"""The course of a training: a metric at the moments that were kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.reporting.legend import family
from ganbench.reporting.read import stage
from ganbench.statistics.moments import best

COUNTS = ("images", "generator_steps")
FOLLOWED = {"images": ("fid", ""), "points": ("w1", ""), "translation": ("fid", "_ab_")}
"""By track, the family of the metric that is followed and what its name holds: of translations, the way A to B."""


@dataclass(frozen=True)
class Course:
    """A metric over the moments of a training; the last moment is the final generator's.

    Attributes:
        metric: its name; lower is better.
        images: (k,), k ≥ 1, real images (or points) shown to the discriminator by then, rising.
        steps: (k,), steps that the generator had taken, rising.
        values: (k,), the metric.
    """

    metric: str
    images: NDArray[np.int64]
    steps: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def final(self) -> float:
        """The metric of the final generator."""
        return float(self.values[-1])

    @property
    def best(self) -> int:
        """The index of the best moment."""
        return best(self.values)


def curve_path(cell: Cell) -> Path:
    """What the evaluation leaves of a cell whose training kept moments."""
    return cell.evaluation_dir / "curve.csv"


def courses(cells: list[Cell]) -> dict[Cell, Course]:
    """The courses of those cells of a track that have one, all in the same metric.

    Raises:
        BenchError: a curve is damaged, or of another metric than the first, with the command that makes it.
    """
    found = {cell: _read(cell) for cell in cells if curve_path(cell).is_file()}
    for cell, course in found.items():
        first = next(iter(found.values())).metric
        if course.metric != first:
            path = curve_path(cell)
            raise BenchError(f"{path}: {course.metric}, but other cells have {first}; run {stage('evaluate', cell)}")
    return found


def _read(cell: Cell) -> Course:
    path, command = curve_path(cell), stage("evaluate", cell)
    try:
        readings = pd.read_csv(path)
    except ValueError as error:
        raise BenchError(f"{path}: not readable as CSV: {' '.join(str(error).split())}; run {command}") from None
    followed, way = FOLLOWED[cell.track]
    metric = next((name for name in map(str, readings) if family(name)[0] == followed and way in name), followed)
    if readings.empty:
        raise BenchError(f"{path}: no moments; run {command}")
    for name in (*COUNTS, metric):
        if name not in readings:
            raise BenchError(f"{path}: column {name}: missing; run {command}")
        if not (pd.api.types.is_numeric_dtype(readings[name]) and np.isfinite(readings[name]).all()):
            raise BenchError(f"{path}: column {name}: expected finite numbers; run {command}")
    for name in COUNTS:
        if not (readings[name].diff().iloc[1:] > 0).all():
            raise BenchError(f"{path}: column {name}: expected to rise from row to row; run {command}")
    images, steps = (readings[name].to_numpy(np.int64) for name in COUNTS)
    return Course(metric, images, steps, readings[metric].to_numpy(np.float64))
