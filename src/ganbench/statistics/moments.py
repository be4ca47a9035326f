"""Moments of a training: the best one, and values between moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64] | NDArray[np.float64]


def best(values: NDArray[np.float64]) -> int:
    """The index of the first of the lowest values.

    Args:
        values: (k,), k ≥ 1, lower is better.
    """
    return int(np.argmin(values))


def at(positions: Positions, values: NDArray[np.int64 | np.float64], wanted: float) -> float | None:
    """A count at a position, by linear interpolation between the moments beside it; None outside of all moments.

    Args:
        positions: (k,), rising, such as generator steps or seconds.
        values: (k,), at these, such as images.
        wanted: where.
    """
    if not positions[0] <= wanted <= positions[-1]:
        return None
    return float(np.interp(wanted, positions, values))


def distance_at(positions: Positions, values: NDArray[np.float64], wanted: float) -> float | None:
    """A distance at a position, by linear interpolation of its logarithm; None outside of all moments.

    Distances to the data fall by factors, and on a straight line between two moments one would seem larger than it was.

    Args:
        positions: (k,), rising, such as generator steps or seconds.
        values: (k,), at these, at least 0.
        wanted: where.
    """
    place = at(positions, np.arange(len(positions)), wanted)
    if place is None:
        return None
    before = int(place)
    after, share = min(before + 1, len(values) - 1), place - before
    return float(values[before] ** (1 - share) * values[after] ** share)
