"""Wasserstein distances between features: without the Gaussian that the Fréchet distance fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.distances import as_points, squared_apart
from ganbench.evaluation.metric import Evidence, Gives, metric

EXACT = 1000
"""Images on each side of the exact distance, at most: its time grows with their cube."""
PROJECTIONS = 128
SEED = 0


@metric(w2=Gives("extractor", 0.0, lambda evidence, _: min(EXACT, evidence.n)), sliced_w2=Gives("extractor", 0.0))
def transport(evidence: Evidence) -> dict[str, float]:
    """``w2_judge_{m}`` of m = min(n, 1000) images on each side, and ``sliced_w2_judge_{n}_p128`` of all n.

    Both in units of the features. Where n is above 1000, a random m of each side are compared.
    """
    judged, reference = evidence.judged.features, evidence.reference.features
    few = min(EXACT, evidence.n)
    random = np.random.default_rng(SEED)
    first, second = (part[np.sort(random.permutation(len(part))[:few])] for part in (judged, reference))
    return {
        f"w2_{evidence.extractor}_{few}": exact(first, second),
        f"sliced_w2_{evidence.extractor}_{evidence.n}_p{PROJECTIONS}": sliced(judged, reference, PROJECTIONS, SEED),
    }


def exact(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """W₂ = (min over plans π of Σ π_ij ‖x_i − y_j‖²)^½ between two sets of as many points, all weighing the same.

    Then an optimal plan is a permutation (Birkhoff), and the assignment problem has the exact solution (Crouse 2016).

    Args:
        first, second: (n, d) each.
    """
    from scipy.optimize import linear_sum_assignment

    costs = squared_apart(as_points(first), as_points(second))
    rows, columns = linear_sum_assignment(costs)
    return float(np.sqrt(costs[rows, columns].mean()))


def sliced(first: NDArray[np.floating], second: NDArray[np.floating], projections: int, seed: int) -> float:
    """(mean over random directions θ of W₂² between the projections ⟨θ, x⟩ and ⟨θ, y⟩)^½.

    Bonneel et al. 2015, "Sliced and Radon Wasserstein Barycenters", section 3: on a line the optimal plan keeps the
    order. In d dimensions it is at most W₂/√d.

    Args:
        first, second: (n, d) each.
        projections: how many directions, uniform on the sphere.
        seed: of the directions.
    """
    directions = np.random.default_rng(seed).standard_normal((first.shape[1], projections))
    directions /= np.linalg.norm(directions, axis=0)
    total = 0.0
    for part in np.array_split(directions, max(1, projections // 16), axis=1):
        one, other = (np.sort(np.asarray(points, np.float64) @ part, axis=0) for points in (first, second))
        total += float(np.square(one - other).mean(axis=0).sum())
    return float(np.sqrt(total / projections))
