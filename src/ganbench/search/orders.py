"""The best of so many random trials, over all orders in which they might have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHARE = 0.9
"""Of the orders, between the two borders of the band."""


@dataclass(frozen=True)
class Orders:
    """The best of k trials for k from 1 to n, float64 (n,) each.

    Attributes:
        median: half of the orders are better after k trials.
        low, high: the borders between which `SHARE` of them are.
    """

    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def orders(values: Sequence[float | None], better: str) -> Orders:
    """The bootstrap over orders of Lucic et al. 2018, "Are GANs Created Equal?", in closed form.

    Drawn k times with replacement from n results, of which x_i is the i-th best, the best is x_i or better with the
    probability 1 − (1 − i / n)^k. A median takes the place of the paper's mean, for a training that diverged is worse
    than all others and has no value.

    Args:
        values: of n trials that were drawn independently; None where the training diverged.
        better: ``lower`` or ``higher``.

    Returns:
        infinite where so many orders have diverged trials alone.
    """
    sign = -1.0 if better == "higher" else 1.0
    ranked = np.sort([np.inf if value is None else sign * value for value in values])
    count = len(ranked)
    left = 1 - np.arange(1, count + 1) / count
    reached = 1 - left[None] ** np.arange(1, count + 1)[:, None]

    def quantile(share: float) -> NDArray[np.float64]:
        return np.asarray(sign * ranked[np.argmax(reached >= share - 1e-12, axis=1)], np.float64)

    low, median, high = (quantile(share) for share in ((1 - SHARE) / 2, 0.5, (1 + SHARE) / 2))
    return Orders(median, np.minimum(low, high), np.maximum(low, high))
