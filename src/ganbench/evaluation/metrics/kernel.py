"""Maximum mean discrepancy between features."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.evaluation.distances import tiles
from ganbench.evaluation.metric import Evidence, metric


@metric
def kid(evidence: Evidence) -> dict[str, float]:
    """``kid_judge_{n}``: all n judged images against all n training images, in one estimate rather than subsets."""
    return {f"kid_judge_{evidence.n}": kernel_distance(evidence.judged.features, evidence.reference.features)}


def kernel_distance(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Kernel Inception Distance: the unbiased squared MMD with the kernel k(a, b) = (a·b/d + 1)³.

    Σ_{i≠j} k(xᵢ, xⱼ) / n(n−1) + Σ_{i≠j} k(yᵢ, yⱼ) / m(m−1) − 2 Σ k(xᵢ, yⱼ) / nm (Bińkowski et al. 2018,
    "Demystifying MMD GANs", eq. 4 of Gretton et al. 2012).

    Args:
        x: features (n, d), n ≥ 2.
        y: features (m, d), m ≥ 2.

    Returns:
        an unbiased estimate: its expectation is 0 for equal distributions, so that it may be a little negative.
    """
    first = torch.from_numpy(np.asarray(x, np.float64))
    second = torch.from_numpy(np.asarray(y, np.float64))
    within = _mean_within(first) + _mean_within(second)
    return within - 2 * _total(first, second) / (len(first) * len(second))


def _kernel(dot: Tensor, features: int) -> Tensor:
    return dot.div_(features).add_(1).pow_(3)


def _mean_within(x: Tensor) -> float:
    """Mean of the kernel over pairs of different rows."""
    diagonal = float(_kernel(x.square().sum(1), x.shape[1]).sum())
    return (_total(x, x) - diagonal) / (len(x) * (len(x) - 1))


def _total(x: Tensor, y: Tensor) -> float:
    """Sum of the kernel over all pairs, tile by tile."""
    return sum(float(_kernel(x[rows] @ y[columns].T, x.shape[1]).sum()) for rows, columns in tiles(x, y))
