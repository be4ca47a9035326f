"""Two variants compared, and many comparisons corrected.

A seed is a pair: under the same seed all variants see the same order of the data. Two tests look at it, for neither is
enough.

- Mann–Whitney on the ranks of both variants' seeds, exact, with ties. It asks nothing of the distribution and takes
  seeds that failed as the worst, so it is always there and decides. It does not use the pairing: what seeds share is
  little, for networks of different shapes take different weights from them. Its smallest p-value from n seeds a side is
  2 / C(2n, n): 0.1 from three, 0.029 from four, 0.008 from five.
- The t test of the paired differences, for how large a difference is, with an interval. It is only there where no seed
  of either failed. Wilcoxon's signed ranks are not used: from five pairs they can't get below p = 0.0625, so they would
  never find anything at the number of seeds that is usual here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.statistics.interval import Mean, deviation, mean
from ganbench.statistics.worst import midranks


@dataclass(frozen=True)
class RankSum:
    """The test of Mann and Whitney 1947.

    Attributes:
        superiority: how often a seed of the first variant is better than one of the second, ties counted as half:
            U / (n m), 0 to 1 (the A12 of Vargha and Delaney 2000).
        p: two-sided, exact.
    """

    superiority: float
    p: float


@dataclass(frozen=True)
class Paired:
    """The t test of paired differences, first minus second: their mean with its interval, and two-sided p."""

    difference: Mean
    p: float


def rank_sum(first: NDArray[np.float64], second: NDArray[np.float64]) -> RankSum:
    """Whether seeds of one variant tend to be better than those of another.

    The p-value is that of the permutation distribution of the rank sum given the ties, counted by dynamic programming
    (Streitberg and Röhmel 1986), so it is exact for few seeds and for many failures.

    Args:
        first: (n,), lower is better, +∞ where a seed failed.
        second: (m,), likewise.
    """
    n, m = len(first), len(second)
    better = (first[:, None] < second).sum() + (first[:, None] == second).sum() / 2
    doubled = np.rint(2 * midranks(np.concatenate([first, second]))).astype(np.int64)
    total = int(doubled.sum())
    ways = np.zeros((n + 1, total + 1))
    ways[0, 0] = 1
    for score in doubled:
        ways[1:, score:] += ways[:-1, : total + 1 - score]
    distance = np.abs((n + m) * np.arange(total + 1) - n * total)
    observed = abs((n + m) * int(doubled[:n].sum()) - n * total)
    p = float(ways[n, distance >= observed].sum() / math.comb(n + m, n))
    return RankSum(float(better / (n * m)), min(1.0, p))


def smallest_p(n: int) -> float:
    """The smallest p-value that `rank_sum` can give from n seeds a side."""
    return 2 / math.comb(2 * n, n)


def paired(first: NDArray[np.float64], second: NDArray[np.float64]) -> Paired | None:
    """How much larger the first is, seed by seed; None below two seeds, or where one failed.

    Args:
        first: (n,) in the metric's own units; not finite where a seed failed.
        second: (n,), the same seeds.
    """
    if len(first) < 2 or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    differences = (first - second).tolist()
    centre, spread = mean(differences), deviation(differences)
    if not spread:
        return Paired(centre, 1.0 if centre.value == 0 else 0.0)
    from scipy.special import stdtr

    t = abs(centre.value) / (spread / math.sqrt(len(differences)))
    return Paired(centre, min(1.0, 2 * float(stdtr(len(differences) - 1, -t))))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that keep the chance of any false finding at the level (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, so_far = [0.0] * len(p_values), 0.0
    for position, index in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p_values) - position) * p_values[index]))
        adjusted[index] = so_far
    return adjusted
