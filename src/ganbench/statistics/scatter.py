"""Where the scatter between seeds comes from: other trainings, or other samples of the same generator."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ganbench.statistics.interval import deviation


def share_error(share: float, n: int) -> float:
    """The standard error of a share among n independent samples of one generator: √(p (1 − p) / n)."""
    return math.sqrt(max(0.0, share * (1 - share)) / n)


def together(errors: Sequence[float]) -> float:
    """The sampling error of a seed, as the root mean square over n ≥ 1 seeds."""
    return math.sqrt(math.fsum(error**2 for error in errors) / len(errors))


def between_seeds(values: Sequence[float], sampling: float) -> float | None:
    """The standard deviation that trainings alone would have: √max(0, s² − sampling²). None below two seeds."""
    spread = deviation(values)
    return None if spread is None else math.sqrt(max(0.0, spread**2 - sampling**2))
