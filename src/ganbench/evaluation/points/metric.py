"""What a metric of points is: a function from evidence to named values, which say data set and n.

A module of `ganbench.evaluation.points.metrics` decorates its function with `metric`; it is then taken on every cell,
on real points, which are the floor, and on a Gaussian with the data's mean and covariance: what two moments can do.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.points.source import PointSource
from ganbench.errors import BenchError
from ganbench.evaluation.metric import NotApplicable

__all__ = ["Evidence", "NotApplicable", "measure", "metric"]


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
    def protocol(self) -> str:
        """The end of every metric's name: ``ring_2500``."""
        return f"{self.dataset}_{len(self.judged)}"


Metric = Callable[[Evidence], dict[str, float]]

_metrics: dict[str, Metric] = {}


def metric(function: Metric) -> Metric:
    """Decorator: take this metric of points."""
    _metrics[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def measure(evidence: Evidence) -> tuple[dict[str, float], dict[str, str]]:
    """Take all metrics.

    Returns:
        values by name, and for each metric that does not apply, the reason by its function's name.

    Raises:
        BenchError: a value is not finite.
    """
    package = importlib.import_module("ganbench.evaluation.points.metrics")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    values: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for _, function in sorted(_metrics.items()):
        try:
            values |= function(evidence)
        except NotApplicable as reason:
            left_out[function.__name__] = str(reason)
    for name, value in values.items():
        if not math.isfinite(value):
            raise BenchError(f"metric {name}: {value}; expected a finite number")
    return values, left_out
