"""The file of a learning curve: metrics at moments of a training."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ganbench.training.snapshots import Moment

FILE = "curve.csv"

Point = tuple[Moment, dict[str, float]]
"""A moment, and the metrics of the generator by then."""


def write_curve(points: Sequence[Point], folder: Path) -> None:
    """Write ``curve.csv``: iteration, images, generator_steps, and a column a metric. No points, no file."""
    if not points:
        return
    rows: list[Mapping[str, float]] = [asdict(moment) | values for moment, values in points]
    with (folder / FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
