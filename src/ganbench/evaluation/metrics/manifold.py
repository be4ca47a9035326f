"""Precision, recall, density and coverage: how two sets lie in each other's neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.evaluation.metric import Evidence, Gives, metric
from ganbench.evaluation.screening import reaches, together, within


@metric(
    precision=Gives("extractor", 1.0),
    recall=Gives("extractor", 1.0),
    density=Gives("extractor"),
    coverage=Gives("extractor", 1.0),
)
def prdc(evidence: Evidence) -> dict[str, float]:
    """``precision_judge_{n}_k{k}`` and likewise recall, density, coverage: judged images against training images."""
    k = evidence.neighbours
    found = manifold(evidence.reference.features, evidence.judged.features, k)
    return {f"{name}_{evidence.extractor}_{evidence.n}_k{k}": value for name, value in vars(found).items()}


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
    A point on the border of a ball is inside: equal points lie in each other's balls even where these have no extent.
    Decisions are those of distances in float64, see `ganbench.evaluation.screening`.

    Args:
        real: features (n, d), n > k.
        fake: features (m, d), m > k.
        k: which neighbour bounds a ball; at least 1.
    """
    x, y = together(real, fake)
    real_reach, fake_reach = reaches(x, k), reaches(y, k)
    held = torch.zeros(len(y), dtype=torch.int64)
    recalled = torch.zeros(len(x), dtype=torch.bool)
    covered = torch.zeros(len(x), dtype=torch.bool)
    for rows, columns, inside_real, inside_fake in within(x, real_reach, y, fake_reach):
        held[columns] += _trues(inside_real)
        covered[rows] |= _any(inside_real)
        recalled[rows] |= _any(inside_fake)
    return Manifold(
        precision=float((held > 0).double().mean()),
        recall=float(recalled.double().mean()),
        density=float(held.double().mean() / k),
        coverage=float(covered.double().mean()),
    )


def _trues(tile: Tensor) -> Tensor:
    """How many of each column of bool (r, c), int64 (c,): by bytes, which need not be widened first."""
    counts = torch.zeros(tile.shape[1], dtype=torch.int64)
    for start in range(0, len(tile), 255):  # no more go into a byte
        counts += tile[start : start + 255].view(torch.uint8).sum(0, dtype=torch.uint8)
    return counts


def _any(tile: Tensor) -> Tensor:
    """In which rows of bool (r, c) any is true, (r,): by bytes, which is quicker than `any`."""
    return tile.view(torch.uint8).amax(1).bool()
