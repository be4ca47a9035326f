"""Precision, recall, density and coverage: how two sets lie in each other's neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.evaluation.distances import COLUMNS, ROWS, roughly_squared, tiles
from ganbench.evaluation.metric import Evidence, metric


@metric
def prdc(evidence: Evidence) -> dict[str, float]:
    """``precision_judge_{n}_k{k}`` and likewise recall, density, coverage: judged images against training images."""
    k = evidence.neighbours
    found = manifold(evidence.reference.features, evidence.judged.features, k)
    return {f"{name}_judge_{evidence.n}_k{k}": value for name, value in vars(found).items()}


@dataclass(frozen=True)
class Manifold:
    """Shares and a mean count, see `manifold`."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(real: NDArray[np.floating], fake: NDArray[np.floating], k: int) -> Manifold:
    """How real and fake points lie in each other's neighbourhoods.

    B(a) is the closed ball around a point that reaches to the k-th nearest other point of its own set.

    - precision: share of fake points in some B(real); recall: share of real points in some B(fake) (Kynkäänniemi et
      al. 2019, "Improved Precision and Recall Metric", eq. 1 and 2).
    - density: mean over fake points of the number of B(real) that hold it, over k; coverage: share of real points
      whose B(real) holds a fake point (Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics", eq. 3 and 4).

    Precision, recall and coverage are in [0, 1]; density is in [0, n/k], and 1 on average for equal distributions.
    Points are centred, and squared distances below the rounding error of float64 are 0: equal points lie in each
    other's balls even where these have no extent.

    Args:
        real: features (n, d), n > k.
        fake: features (m, d), m > k.
        k: which neighbour bounds a ball; at least 1.
    """
    centre = np.asarray(real, np.float64).mean(axis=0)
    x = torch.from_numpy(np.asarray(real, np.float64) - centre)
    y = torch.from_numpy(np.asarray(fake, np.float64) - centre)
    real_reach, fake_reach = _reach(x, k), _reach(y, k)
    held = torch.zeros(len(y), dtype=torch.int64)
    recalled = torch.zeros(len(x), dtype=torch.bool)
    covered = torch.zeros(len(x), dtype=torch.bool)
    for rows, columns in tiles(x, y):
        squared = roughly_squared(x[rows], y[columns])
        inside_real = squared <= real_reach[rows, None]
        held[columns] += inside_real.sum(0)
        covered[rows] |= inside_real.any(1)
        recalled[rows] |= (squared <= fake_reach[columns]).any(1)
    return Manifold(
        precision=float((held > 0).double().mean()),
        recall=float(recalled.double().mean()),
        density=float(held.double().mean() / k),
        coverage=float(covered.double().mean()),
    )


def _reach(x: Tensor, k: int) -> Tensor:
    """Squared distance of each point to its k-th nearest other point, (n,)."""
    reach = torch.empty(len(x), dtype=torch.float64)
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        best = torch.empty((len(x[rows]), 0), dtype=torch.float64)
        for column in range(0, len(x), COLUMNS):
            squared = roughly_squared(x[rows], x[column : column + COLUMNS])
            same = torch.arange(start, start + len(squared))[:, None] == torch.arange(column, column + squared.shape[1])
            best = torch.cat([best, squared.masked_fill_(same, torch.inf)], 1)
            best = best.topk(min(k, best.shape[1]), largest=False).values
        reach[rows] = best[:, -1]
    return reach
