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
Values = np.ndarray[Any, np.dtype[np.float64]]
Seeds = Mapping[int, Mapping[str, Any]]
"""The metrics of a variant's cells, by seed."""


def judged(claims: Sequence[Claim], columns: Sequence[Column], seeds: Mapping[str, Seeds]) -> list[str]:
    """A line a claim: whether it holds, with the paired difference and Holm's p over all claims given.

    Of two variants the seeds that both have are compared.
    """
    found = [next(column for column in columns if column.metric.startswith(claim.metric)) for claim in claims]
    raw = [_pair(seeds[claim.winner], seeds[claim.loser], column) for claim, column in zip(claims, found, strict=True)]
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


def value_of(cell: Mapping[str, Any], column: Column) -> float | None:
    """The value of the first metric whose name begins as the column's, in per cent where it is shown so."""
    found: float | None = next((value for name, value in cell.items() if name.startswith(f"{column.metric}_")), None)
    if found is None:
        return None
    return {"error": 100 * (1 - found), "per cent": 100 * found}.get(column.shown_as, found)


def text_of(found: Mean, digits: int) -> str:
    """0.969 ± 0.005; of one digit, a small value has two."""
    half = "" if found.half is None else f" ± {found.half:.{digits}f}"
    digits = 2 if digits == 1 and 0 < abs(found.value) < 0.5 else digits
    return f"{found.value:.{digits}f}{half}"


def _pair(first: Seeds, second: Seeds, column: Column) -> tuple[Values, Values]:
    """Of the seeds that both have, one value a seed, NaN where it failed."""
    shared = sorted(set(first) & set(second))
    one, other = (np.array([value_of(cells[seed], column) for seed in shared], float) for cells in (first, second))
    return one, other
