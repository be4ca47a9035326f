"""What a metric of points is: a function from evidence to named values, which say data set and n.

A module of `ganbench.evaluation.points.metrics` decorates its function with `metric`, which is told the families of its
values; it is then taken on every cell, on real points, which are the floor, and on a Gaussian with the data's mean and
covariance, the baseline: what two moments can do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.points.source import PointSource
from ganbench.evaluation.measurement import Gives, Measured, Metrics, NotApplicable

__all__ = ["Evidence", "Gives", "NotApplicable", "measure", "metric"]


@dataclass(frozen=True)
class Evidence:
    """All that a metric may look at.

    Attributes:
        judged: points, (n, dim).
        reference: as many real points.
        source: of the real points.
        dataset: its name.
    """

    judged: NDArray[np.float64]
    reference: NDArray[np.float64]
    source: PointSource
    dataset: str

    @property
    def n(self) -> int:
        """Judged points."""
        return len(self.judged)

    @property
    def protocol(self) -> str:
        """The end of every metric's name: ``ring_2500``."""
        return f"{self.dataset}_{self.n}"


METRICS: Metrics[Evidence] = Metrics("ganbench.evaluation.points.metrics")
metric = METRICS.register
"""Decorator: take this metric of points; no network is read."""


def measure(evidence: Evidence) -> Measured:
    """Take all metrics, see `Metrics.measure`."""
    return METRICS.measure(evidence)
