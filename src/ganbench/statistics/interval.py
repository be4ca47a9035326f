"""Means and t intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
"""How often an interval holds the true mean, where seeds scatter about normally."""


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and half the width of its 95 % t interval, None below two seeds."""

    value: float
    half: float | None
    n: int


def mean(values: Sequence[float]) -> Mean:
    """The mean of n ≥ 1 values and its t interval: mean ± t(.975, n−1) · s / √n, s with n−1 in the denominator.

    Not a percentile bootstrap: of five values that one holds the mean 84 times in 100, not 95.
    """
    n = len(values)
    centre = math.fsum(values) / n
    spread = deviation(values)
    if spread is None:
        return Mean(centre, None, n)
    from scipy.special import stdtrit

    return Mean(centre, float(stdtrit(n - 1, (1 + LEVEL) / 2)) * spread / math.sqrt(n), n)


def deviation(values: Sequence[float]) -> float | None:
    """The standard deviation with n−1 in the denominator; None below two values."""
    n = len(values)
    if n < 2:
        return None
    centre = math.fsum(values) / n
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (n - 1))
