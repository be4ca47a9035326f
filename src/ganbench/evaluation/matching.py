"""Does a discriminator notice that a text does not belong to an image?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Matching:
    """Scores of held-out real images, float64 (n,): with their own text, and with the text of another image."""

    matched: Scores
    mismatched: Scores


def strangers(meanings: Sequence[object], seed: int) -> NDArray[np.int64] | None:
    """For each row another one that means something else: int64 (n,), drawn at random among all such rows.

    Args:
        meanings: of each row, to be compared by ``==``: its attributes, or its text.
        seed: of the choice.

    Returns:
        None where all rows mean the same.
    """
    codes = {meaning: code for code, meaning in enumerate(dict.fromkeys(meanings))}
    if len(codes) < 2:
        return None
    code = np.array([codes[meaning] for meaning in meanings])
    by_code = np.argsort(code, kind="stable")
    counts = np.bincount(code)
    before = np.cumsum(counts) - counts  # rows of lower codes
    draws = np.random.default_rng(seed).integers(0, len(code) - counts[code])
    skipped = draws + np.where(draws >= before[code], counts[code], 0)  # over the rows that mean the same
    return np.asarray(by_code[skipped], np.int64)


def standardised_gap(higher: Scores, lower: Scores) -> float | None:
    """Difference of the means in units of the pooled deviation (Cohen's d): √((s₁² + s₂²) / 2), unbiased variances.

    Returns:
        None where neither sample varies, so that there is no unit.
    """
    pooled = float(np.sqrt((higher.var(ddof=1) + lower.var(ddof=1)) / 2))
    return None if pooled == 0 else float(higher.mean() - lower.mean()) / pooled
