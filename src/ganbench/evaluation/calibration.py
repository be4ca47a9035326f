"""What a discriminator's score says about how likely an image is real."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from ganbench.objectives.objective import Objective

Probability = Callable[[NDArray[np.float64]], NDArray[np.float64]]

LOG_ODDS = np.linspace(-20.0, 20.0, 8001)
"""Of real against generated, where an objective's best score is looked up; in between, straight lines."""
LEVELS = 100
"""With fewer different best scores than this an objective only takes sides."""


def probability_of(objective: Objective) -> Probability | None:
    """Scores (n,) → the probability of being real, of real and generated images in equal numbers.

    An objective's best score is a function of the density ratio p/q alone, and rises with it; its inverse tells which
    ratio a score claims, and p/(p + q) is the probability. For the minimax game that is the sigmoid of the score, for
    least squares the place between the two labels.

    Returns:
        None for a critic, whose scores have no origin, and where the best score only takes sides, as the hinge's.
    """
    if objective.threshold is None:
        return None
    best = objective.optimal(torch.from_numpy(expit(LOG_ODDS)), torch.from_numpy(expit(-LOG_ODDS)))
    if best is None:
        return None
    scores, first = np.unique(best.double().numpy(), return_index=True)
    if len(scores) < LEVELS:
        return None
    odds = LOG_ODDS[first]

    def probability(found: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(expit(np.interp(found, scores, odds)), np.float64)

    return probability


def calibration_error(probabilities: NDArray[np.float64], real: NDArray[np.bool_], bins: int) -> float:
    """Expected calibration error: Σ_b (weight of b) · |share of real images in b − mean probability in b|.

    Equal bins over [0, 1] (Naeini et al. 2015; Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3, of
    the probability of being real rather than of the likelier class). Real and generated images weigh the same in all,
    however many there are of each. In [0, 1]; 0 where each probability is the share of real images that it claims.

    Args:
        probabilities: of being real, (m,), in [0, 1].
        real: which of them are, (m,); both kinds must be there.
        bins: how many.
    """
    weights = np.where(real, 0.5 / real.sum(), 0.5 / (~real).sum())
    place = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, weights * (real - probabilities), bins)
    return float(np.abs(gaps).sum())


def area_under_curve(real: NDArray[np.float64], generated: NDArray[np.float64]) -> float:
    """The share of pairs in which the first, a real image, has the higher score, ties counting half: 0.5 is a guess.

    That is the area under the ROC curve, and Mann and Whitney's U over the number of pairs.
    """
    ranked = np.sort(generated)
    below, up_to = np.searchsorted(ranked, real, "left"), np.searchsorted(ranked, real, "right")
    return float((below + up_to).sum() / (2 * len(real) * len(generated)))
