"""Modes covered, the share of points near one, and how evenly the modes are served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from ganbench.data.points.source import Modes
from ganbench.evaluation.points.metric import Evidence, Gives, NotApplicable, metric

NEAR = 3.0
"""Mahalanobis distance within which a point is of high quality."""


def number(evidence: Evidence) -> float:
    """Of modes."""
    return float(len(known(evidence).weights))


def of_a_gaussian(evidence: Evidence) -> float:
    """The share of points of high quality in each mode itself."""
    return expected_high_quality(evidence.source.dim)


@metric(modes=Gives(ceiling=number), high_quality=Gives(ceiling=of_a_gaussian), reverse_kl=Gives(ceiling=0.0))
def modes(evidence: Evidence) -> dict[str, float]:
    """``modes_{data}_{n}``, ``high_quality_{data}_{n}``, ``reverse_kl_{data}_{n}`` (Srivastava 2017; Lin et al. 2018).

    Raises:
        NotApplicable: the distribution has no modes to count.
    """
    found = count(evidence.judged, known(evidence))
    return {
        f"modes_{evidence.protocol}": float((found.of_mode > 0).sum()),
        f"high_quality_{evidence.protocol}": found.high_quality,
        f"reverse_kl_{evidence.protocol}": found.reverse_kl,
    }


def known(evidence: Evidence) -> Modes:
    """The modes of the distribution.

    Raises:
        NotApplicable: it has none.
    """
    if evidence.source.modes is None:
        raise NotApplicable(f"{evidence.dataset} is a curve: it has no modes to count")
    return evidence.source.modes


@dataclass(frozen=True)
class Counted:
    """Points by mode.

    Attributes:
        of_mode: points of high quality nearest to each mode, (K,).
        high_quality: their share among all.
        reverse_kl: KL(p̂ ‖ w) in nats, from the shares p̂ of the modes among points of high quality to their true
            weights w. Without such points it is that of a single mode, the least likely.
    """

    of_mode: NDArray[np.int64]
    high_quality: float
    reverse_kl: float


def count(points: NDArray[np.float64], modes: Modes) -> Counted:
    """A point belongs to the mode that is nearest in Mahalanobis distance, and is of high quality within 3 of it.

    One such point covers a mode. For n points of the true distribution over K modes the expected KL is (K − 1) / 2n.
    """
    distances = modes.distances(points)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) <= NEAR
    of_mode = np.bincount(nearest[good], minlength=len(modes.weights))
    if not good.any():
        return Counted(of_mode, 0.0, float(-np.log(modes.weights.min())))
    return Counted(of_mode, float(good.mean()), float(rel_entr(of_mode / of_mode.sum(), modes.weights).sum()))


def expected_high_quality(dim: int) -> float:
    """The share of a Gaussian within Mahalanobis distance 3, the ceiling of `high_quality`: 98.89 % in the plane."""
    from scipy.stats import chi2

    return float(chi2.cdf(NEAR**2, dim))
