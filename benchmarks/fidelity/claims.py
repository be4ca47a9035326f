"""What a table over several seeds says of its claims, by the test of Mann and Whitney with Holm's correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tables import Claim, Column

from ganbench.statistics.comparison import holm, paired, rank_sum
from ganbench.statistics.interval import Mean
from ganbench.statistics.worst import oriented

LEVEL = 0.05
Cells = Mapping[str, list[dict[str, Any]]]
"""The metrics of every variant's seeds, in the order of the seeds."""


def judged(claims: Sequence[Claim], columns: Sequence[Column], seeds: Cells) -> list[str]:
    """A line a claim: whether it holds, with the paired difference and Holm's p over all claims given."""
    raw = [tuple(_values(seeds[name], claim.metric) for name in (claim.winner, claim.loser)) for claim in claims]
    found = [next(column for column in columns if column.metric.startswith(claim.metric)) for claim in claims]
    tests = [
        rank_sum(*(oriented(values, column.better) for values in pair)) for column, pair in zip(found, raw, strict=True)
    ]
    lines = []
    for claim, column, pair, test, p in zip(claims, found, raw, tests, holm([test.p for test in tests]), strict=True):
        better = test.superiority > 0.5
        verdict = "not decided" if p >= LEVEL else "holds" if better else "the other way round"
        difference = paired(*pair)
        size = f", difference {text_of(difference.difference, column.digits)}" if difference else ""
        why = f" {claim.otherwise}" if claim.otherwise and verdict != "holds" else ""
        lines.append(f"- {claim.says} ({column.title}): **{verdict}**{size}, p = {p:.3f}.{why}")
    return lines


def value_of(cell: Mapping[str, Any], metric: str) -> float | None:
    """The value of the first metric whose name begins so."""
    return next((value for name, value in cell.items() if name.startswith(f"{metric}_")), None)


def text_of(found: Mean, digits: int) -> str:
    """0.969 ± 0.005."""
    half = "" if found.half is None else f" ± {found.half:.{digits}f}"
    return f"{found.value:.{digits}f}{half}"


def _values(cells: list[dict[str, Any]], metric: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One a seed, NaN where it failed."""
    return np.array([value_of(cell, metric) for cell in cells], float)
