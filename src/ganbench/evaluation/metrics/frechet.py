"""Fréchet distance between Gaussians fitted to features."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, metric

Array = NDArray[np.float64]

ROWS = 8192
"""Features that are brought to float64 at a time."""


@metric(fid=Gives("extractor", 0.0))
def fid(evidence: Evidence) -> dict[str, float]:
    """``fid_judge_{n}``: n judged images against n training images, so that the bias is the same on both sides."""
    distance = frechet_distance(*moments(evidence.judged.features), *moments(evidence.reference.features))
    return {f"fid_{evidence.extractor}_{evidence.n}": distance}


def moments(features: NDArray[np.floating]) -> tuple[Array, Array]:
    """Mean (d,) and unbiased covariance (d, d), float64, of features (n, d), n ≥ 2; no more than a block is copied."""
    count = len(features)
    mean = sum(np.asarray(part, np.float64).sum(axis=0) for part in _blocks(features)) / count
    covariance = np.zeros((features.shape[1], features.shape[1]))
    for part in _blocks(features):
        centred = np.asarray(part, np.float64) - mean
        covariance += centred.T @ centred
    return np.asarray(mean), covariance / (count - 1)


def _blocks(features: NDArray[np.floating]) -> Iterator[NDArray[np.floating]]:
    yield from (features[start : start + ROWS] for start in range(0, len(features), ROWS))


def frechet_distance(mean_1: Array, covariance_1: Array, mean_2: Array, covariance_2: Array) -> float:
    """The squared 2-Wasserstein distance between N(m₁, S₁) and N(m₂, S₂).

    ‖m₁ − m₂‖² + tr S₁ + tr S₂ − 2 tr (S₁^½ S₂ S₁^½)^½ (Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update
    Rule"; Dowson and Landau 1982). The last matrix is symmetric and positive semi-definite, so real eigenvalues do,
    whatever the rank: fewer samples than features, or constant features, need no offset. Eigenvalues within rounding
    error of 0 count as 0.

    For n samples of the same N(0, I) on both sides the expected value is about d(d + 5) / 2n: compare at equal n only.

    Args:
        mean_1, mean_2: float64 (d,).
        covariance_1, covariance_2: float64 (d, d), symmetric, positive semi-definite.

    Returns:
        a value ≥ 0, in squared units of the features.
    """
    factor = _factor(covariance_1)
    product = factor.T @ covariance_2 @ factor
    overlap = np.sqrt(_clean(np.linalg.eigvalsh((product + product.T) / 2))).sum()
    spread = np.trace(covariance_1) + np.trace(covariance_2) - 2 * overlap
    return max(0.0, float(np.square(mean_1 - mean_2).sum() + spread))


def _factor(covariance: Array) -> Array:
    """A matrix F with F Fᵀ = S, so that Fᵀ S₂ F has the eigenvalues of S^½ S₂ S^½.

    Cholesky's, and where the covariance is singular the symmetric square root, which takes several times as long.
    """
    try:
        return np.asarray(np.linalg.cholesky(covariance), np.float64)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(_clean(values))) @ vectors.T)


def _clean(values: NDArray[np.floating]) -> Array:
    """Eigenvalues of a positive semi-definite matrix without the rounding error of those that are 0."""
    doubt = len(values) * np.finfo(np.float64).eps * np.abs(values).max()
    return np.asarray(np.where(values > doubt, values, 0.0), np.float64)
