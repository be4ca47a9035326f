"""How far the seeds of a variant lie apart, and how far another sample of the same generator would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill

import numpy as np
from claims import Seeds
from tables import Column

from ganbench.reporting import standing
from ganbench.statistics.interval import deviation
from ganbench.statistics.scatter import share_error, together

SHARES = (*standing.SHARES, "attribute_accuracy")
"""Beginnings of metrics that are shares among independent samples of one generator."""


def spreads(columns: Sequence[Column], seeds: Mapping[str, Seeds]) -> list[str]:
    """A paragraph on the columns that are shares, whose sampling error is known; none where no variant has two seeds.

    Medians over the variants with two seeds or more that finished: the standard deviation between seeds, and the
    standard error √(p (1 − p) / n) that n samples of one generator have.
    """
    said = []
    for column in columns:
        if not column.metric.startswith(SHARES):
            continue
        several = [shares for cells in seeds.values() if len(shares := _shares(cells.values(), column)) > 1]
        if not several:
            continue
        between = float(np.median([deviation([share for share, _ in shares]) for shares in several]))
        within = float(np.median([together([share_error(*share) for share in shares]) for shares in several]))
        scale, digits = (100, 2) if column.shown_as else (1, 4)
        said.append(f"{column.title} {scale * between:.{digits}f} and {scale * within:.{digits}f}")
    if not said:
        return []
    what = "Standard deviations between seeds and between samples of one seed, medians over variants"
    return ["", fill(f"{what}: {'; '.join(said)}.", 120)]


def _shares(cells: Iterable[Mapping[str, float]], column: Column) -> list[tuple[float, int]]:
    """Of the cells that have the metric: the share, and among how many samples."""
    names = [(cell, name) for cell in cells for name in cell if name.startswith(f"{column.metric}_")]
    return [(cell[name], n) for cell, name in names if (n := standing.samples_of(name))]
