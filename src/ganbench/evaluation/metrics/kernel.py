"""Maximum mean discrepancy between features, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.evaluation.distances import tiles
from ganbench.evaluation.metric import Evidence, Gives, metric

WHOLE = 6e10
"""Pairs times features up to which all pairs are compared; beyond, they would be the cost of an evaluation."""
BLOCK = 1000
"""Images on each side of a block, beyond."""
SQUARE = 2048
"""Side of a tile of a symmetric matrix: 32 MiB."""


def compared(evidence: Evidence, name: str) -> int:
    """Images on each side: all, or those of whole blocks."""
    return evidence.n // BLOCK * BLOCK if name.endswith(f"_b{BLOCK}") else evidence.n


@metric(kid=Gives("extractor", n=compared), kid_error=Gives("extractor", n=compared))
def kid(evidence: Evidence) -> dict[str, float]:
    """``kid_judge_{n}`` and its standard error ``kid_error_judge_{n}``.

    Of all n judged images against all n training images in one estimate. For as many as 10,000 images with 2,048
    features, it is the mean over blocks of 1,000, and the names end with ``_b1000``.
    """
    judged, reference = evidence.judged.features, evidence.reference.features
    whole = evidence.n**2 * judged.shape[1] <= WHOLE
    found = discrepancy(judged, reference) if whole else in_blocks(judged, reference, BLOCK)
    by = f"{evidence.extractor}_{evidence.n}" + ("" if whole else f"_b{BLOCK}")
    return {f"kid_{by}": found.value} | ({} if found.error is None else {f"kid_error_{by}": found.error})


@dataclass(frozen=True)
class Discrepancy:
    """An unbiased estimate of the squared maximum mean discrepancy.

    Attributes:
        value: its expectation is 0 for equal distributions, so that it may be a little negative.
        error: its standard error; None where there are too few samples to tell.
    """

    value: float
    error: float | None


def kernel_distance(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """The value of `discrepancy`."""
    return discrepancy(x, y).value


def discrepancy(x: NDArray[np.floating], y: NDArray[np.floating]) -> Discrepancy:
    """Kernel Inception Distance: the unbiased squared MMD with the kernel k(a, b) = (a·b/d + 1)³.

    Σ_{i≠j} k(xᵢ, xⱼ) / n(n−1) + Σ_{i≠j} k(yᵢ, yⱼ) / m(m−1) − 2 Σ k(xᵢ, yⱼ) / nm (Bińkowski et al. 2018,
    "Demystifying MMD GANs", eq. 4 of Gretton et al. 2012). Its standard error is the jackknife's, over the samples of
    either side (Arvesen 1969); where the distributions are equal it is rather too large, by up to √2.

    Args:
        x: features (n, d), n ≥ 2; n ≥ 3 for an error.
        y: features (m, d), m ≥ 2; m ≥ 3 for an error.
    """
    first, second = _float64(x), _float64(y)
    n, m = len(first), len(second)
    within_first, within_second = _own_sums(first), _own_sums(second)
    across_first, across_second = _sums(first, second)
    value = float(within_first.sum() / (n * (n - 1)) + within_second.sum() / (m * (m - 1)))
    value -= 2 * float(across_first.sum()) / (n * m)
    if min(n, m) < 3:
        return Discrepancy(value, None)
    variance = _jackknife(within_first, across_first, m) + _jackknife(within_second, across_second, n)
    return Discrepancy(value, variance**0.5)


def in_blocks(x: NDArray[np.floating], y: NDArray[np.floating], size: int) -> Discrepancy:
    """The mean of `discrepancy` over blocks, and its standard error from their spread (Zaremba et al. 2013, "B-tests").

    Unbiased as the whole is, at a cost that grows with n rather than n²; the error is larger.

    Args:
        x: features (n, d), in any order that does not repeat after as many rows as there are blocks.
        y: features (m, d), likewise.
        size: of a block on each side, at least 2; what is left over after the last one is left out.
    """
    count = min(len(x), len(y)) // size
    values = np.array([_roughly(x[b::count][:size], y[b::count][:size]) for b in range(count)])
    error = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else None
    return Discrepancy(float(values.mean()), error)


def _roughly(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """The value of `discrepancy` with products in float32, whose error of 1e-7 is far below that of a block."""
    n, d = x.shape
    scale = float(max(np.abs(x).max(), np.abs(y).max())) or 1.0  # huge features would leave the range of float32
    first, second = (torch.from_numpy(np.asarray(part / scale, np.float32)) for part in (x, y))
    total = 0.0
    for one, other, weight in ((first, first, 1), (second, second, 1), (first, second, -2)):
        values = _kernel((one @ other.T).double().mul_(scale**2), d)
        if one is other:
            total += weight * float(values.sum() - values.trace()) / (n * (n - 1))
        else:
            total += weight * float(values.mean())
    return total


def _float64(features: NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(np.asarray(features, np.float64))


def _kernel(dot: Tensor, features: int) -> Tensor:
    shifted = dot.div_(features).add_(1)
    return shifted.square().mul_(shifted)


def _jackknife(within: Tensor, across: Tensor, others: int) -> float:
    """The variance that the n samples of one side bring in, from what each adds to the sums."""
    n = len(within)
    left_out = 2 * across / ((n - 1) * others) - 2 * within / ((n - 1) * (n - 2))
    return float((left_out - left_out.mean()).square().sum()) * (n - 1) / n


def _own_sums(x: Tensor) -> Tensor:
    """For each row the sum of the kernel over all other rows, (n,)."""
    sums = torch.zeros(len(x), dtype=torch.float64)
    for rows, columns in _half(len(x)):
        values = _kernel(x[rows] @ x[columns].T, x.shape[1])
        if rows == columns:
            values.fill_diagonal_(0)
        else:
            sums[columns] += values.sum(0)
        sums[rows] += values.sum(1)
    return sums


def _sums(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """For each row of either the sum of the kernel over the other's rows, (n,) and (m,)."""
    of_x, of_y = (torch.zeros(len(points), dtype=torch.float64) for points in (x, y))
    for rows, columns in tiles(x, y):
        values = _kernel(x[rows] @ y[columns].T, x.shape[1])
        of_x[rows] += values.sum(1)
        of_y[columns] += values.sum(0)
    return of_x, of_y


def _half(count: int) -> Iterator[tuple[slice, slice]]:
    """Squares that cover the upper triangle of a symmetric matrix; those on the diagonal are whole."""
    starts = range(0, count, SQUARE)
    parts = [slice(start, min(start + SQUARE, count)) for start in starts]
    yield from ((one, other) for index, one in enumerate(parts) for other in parts[index:])
