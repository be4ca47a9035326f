"""Vendi score: how many different images there are, whatever the real ones look like."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import xlogy

from ganbench.evaluation.metric import Evidence, Gives, metric

ROWS = 4096


@metric(vendi=Gives("extractor"))
def vendi(evidence: Evidence) -> dict[str, float]:
    """``vendi_judge_{n}``: of all n judged images, with the cosine of their features as similarity."""
    return {f"vendi_{evidence.extractor}_{evidence.n}": vendi_score(evidence.judged.features)}


def vendi_score(features: NDArray[np.floating]) -> float:
    """exp of the entropy of the eigenvalues of K/n, with K_ij the cosine between images i and j.

    Friedman and Dieng 2023, "The Vendi Score", equation 2: an effective number of images. Exact: of the n × n matrix
    and of the d × d matrix of the same non-zero eigenvalues the smaller one is made, in blocks. Images without any
    feature are like each other and unlike all others.

    Args:
        features: (n, d), n ≥ 1.

    Returns:
        from 1 (all alike) to min(n, d + 1).
    """
    count = len(features)
    unit = _unit(features)
    small = unit.T if count > unit.shape[1] else unit
    gram = torch.zeros((len(small), len(small)), dtype=torch.float64)
    if small is unit:
        gram.addmm_(unit, unit.T)
    else:
        for part in torch.split(unit, ROWS):
            gram.addmm_(part.T, part)
    shares = np.clip(np.linalg.eigvalsh(gram.div_(count).numpy()), 0.0, None)
    shares /= shares.sum()
    return float(np.exp(max(0.0, -xlogy(shares, shares).sum())))


def _unit(features: NDArray[np.floating]) -> torch.Tensor:
    """Rows of length 1, float64 (n, d), or (n, d + 1) where rows are 0 and stand on an axis of their own."""
    points = torch.from_numpy(np.array(features, np.float64))
    largest = points.abs().amax(1, keepdim=True)  # squares of tiny or huge features would leave the range of numbers
    empty = largest == 0
    points.div_(largest.masked_fill(empty, 1.0))
    points.div_(points.square().sum(1, keepdim=True).sqrt_().masked_fill_(empty, 1.0))
    return torch.cat([points, empty.double()], 1) if empty.any() else points
