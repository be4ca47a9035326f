"""Exact Wasserstein distances between two sets of points."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganbench.evaluation.points.metric import Evidence, Gives, metric

PIVOTS = 10_000_000
"""Beyond the default of the network simplex, which gives up at a hundred thousand."""


@metric(w1=Gives(ceiling=0.0), w2=Gives(ceiling=0.0))
def wasserstein(evidence: Evidence) -> dict[str, float]:
    """``w1_{data}_{n}`` and ``w2_{data}_{n}``: n judged points against n real ones.

    In units of the data. Not biased by a critic, yet by n: the floor of real against real is what n points can show.
    """
    return {f"w{order}_{evidence.protocol}": distance(evidence.judged, evidence.reference, order) for order in (1, 2)}


def distance(first: NDArray[np.float64], second: NDArray[np.float64], order: int) -> float:
    """(min over plans π of Σ π_ij ‖x_i − y_j‖^p)^{1/p}, all points weighing the same, solved exactly.

    On a line the optimal plan keeps the order. In more dimensions it is a linear programme (POT's network simplex).

    Args:
        first, second: (n, dim) each.
        order: p ≥ 1.
    """
    if first.shape[1] == 1 and len(first) == len(second):
        apart = np.abs(np.sort(first[:, 0]) - np.sort(second[:, 0]))
        return float((apart**order).mean() ** (1 / order))
    for backend in ("PYTORCH", "JAX", "CUPY", "TENSORFLOW"):  # POT would import every one that is installed
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{backend}", "1")
    import ot

    apart = cdist(first, second)
    if (scale := float(apart.max())) == 0:
        return 0.0
    costs = (apart / scale) ** order  # the simplex stops early where all costs are tiny
    return scale * float(max(0.0, ot.emd2([], [], costs, numItermax=PIVOTS)) ** (1 / order))
