"""Fréchet distance extrapolated to infinitely many images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, metric
from ganbench.evaluation.metrics.frechet import frechet_distance, moments

SIZES = 6
SMALLEST = 0.5
"""Size of the smallest subset, as a share of all."""
SEED = 0


@metric(fid_infinity=Gives("extractor"))
def fid_infinity(evidence: Evidence) -> dict[str, float]:
    """``fid_infinity_judge_{n}``: from subsets of the n judged and the n training images, see `extrapolated`."""
    value = extrapolated(evidence.judged.features, evidence.reference.features, SIZES, SMALLEST, SEED)
    return {f"fid_infinity_{evidence.extractor}_{evidence.n}": value}


def extrapolated(x: NDArray[np.floating], y: NDArray[np.floating], sizes: int, smallest: float, seed: int) -> float:
    """FID∞: the intercept of a line through the Fréchet distances of random subsets against 1/size.

    The bias of the Fréchet distance is proportional to 1/n, with a factor that depends on the generator, so that even
    at equal n it can turn an order around (Chong and Forsyth 2020, "Effectively Unbiased FID", section 3). There only
    generated images are few; here both sides are samples of n, so subsets of both are taken, and what is left of the
    bias is of higher order. An estimate, whose expectation is near 0 for equal distributions: it may be negative.

    Args:
        x, y: features (n, d) each.
        sizes: how many subsets, with 1/size in equal steps from 1/n on.
        smallest: size of the smallest, as a share of n.
        seed: of the subsets.
    """
    count = len(x)
    shares = 1 / np.linspace(1, 1 / smallest, sizes)
    counts = np.unique(np.maximum(2, np.round(count * shares).astype(np.int64)))
    random = np.random.default_rng(seed)
    values = [
        frechet_distance(*moments(x[random.permutation(count)[:few]]), *moments(y[random.permutation(count)[:few]]))
        for few in counts.tolist()
    ]
    if len(counts) == 1:
        return values[0]
    return float(np.polyfit(1 / counts, values, 1)[1])
