"""Values in one direction: lower is better, and a seed that failed is worse than any that did not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FAILED = np.inf


def oriented(values: NDArray[np.float64], better: str) -> NDArray[np.float64]:
    """Values of which lower ones are better: NaN, a seed that failed, becomes +∞.

    Args:
        values: of any shape.
        better: «lower» or «higher».
    """
    signed = values if better == "lower" else -values
    return np.where(np.isnan(values), FAILED, signed)


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks along the first axis, 1 for the lowest; equal values share the mean of their ranks."""
    less = (values[None] < values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1)
    ranks: NDArray[np.float64] = less + (equal + 1) / 2
    return ranks
