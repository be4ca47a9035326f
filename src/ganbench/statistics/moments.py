"""Moments of a training: the best one, and values between moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best(values: NDArray[np.float64]) -> int:
    """The index of the first of the lowest values.

    Args:
        values: (k,), k ≥ 1, lower is better.
    """
    return int(np.argmin(values))


def at(positions: NDArray[np.int64], values: NDArray[np.float64 | np.int64], wanted: int) -> float | None:
    """The value at a position, by linear interpolation between the moments beside it; None outside of all moments.

    Args:
        positions: (k,), rising, such as generator steps.
        values: (k,), at these.
        wanted: where.
    """
    if not positions[0] <= wanted <= positions[-1]:
        return None
    return float(np.interp(wanted, positions, values))
