"""What a metric is: a function from evidence to named values.

A module of `ganbench.evaluation.metrics` decorates its function with `metric`; it is then taken on every cell and on
the real images, which are the floor. The names state the protocol: family, extractor, n, and k where there is one.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.matching import Matching
from ganbench.evaluation.substitution import Substitution


@dataclass(frozen=True)
class Scores:
    """A discriminator's scores; higher is more real.

    Attributes:
        train: of training images, (m,): for a threshold where there is no natural one.
        held_out: of real images that it never saw, (n,).
        generated: (n,).
        threshold: above it the discriminator says «real»; None for a critic.
        probability: scores → probabilities of being real, of real images and of what the discriminator refuses in equal
            numbers; None where the objective gives its scores no such meaning.
        refused: what it refuses beside generated images; None: nothing.
    """

    train: NDArray[np.float64]
    held_out: NDArray[np.float64]
    generated: NDArray[np.float64]
    threshold: float | None
    probability: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Evidence:
    """All that a metric may look at.

    Attributes:
        judged: n images: generated ones or, for the floor, held-out real ones.
        reference: n training images.
        nearest: by space (``pixel``, ``feature``), the nearest training images of the judged ones.
        neighbours: k of precision, recall, density and coverage.
        classes: whether the probabilities are those of classes.
        scores: of the discriminator; None for the floor.
        asked: what each judged image was asked to show; None: nothing was.
        shown: the class that the judge sees in each judged image, int64 (n,); None: it knows no classes.
        reference_labels: of the training images, int64 (n,), −1 where there is none; None: the data have no classes.
        recognised: by attribute, what the attribute judge finds in the judged images, int64 (n,).
        attributes: by name, the value in each of all training images, int64 (N,), −1 where it is unknown; empty: the
            data have none.
        substitution: the judged images in the place of real ones; None: labels were not asked for.
        matching: the discriminator's scores of real images with a text; None: it knows no texts.
        extractor: whose features and probabilities `judged` and `reference` are; the metrics' names say it.
    """

    judged: Seen
    reference: Seen
    nearest: Mapping[str, Nearest]
    neighbours: int
    classes: bool
    scores: Scores | None
    asked: Asked | None = None
    shown: NDArray[np.int64] | None = None
    reference_labels: NDArray[np.int64] | None = None
    recognised: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    attributes: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    substitution: Substitution | None = None
    matching: Matching | None = None
    extractor: str = "judge"

    @property
    def n(self) -> int:
        """Images on each side."""
        return len(self.judged.features)


class NotApplicable(Exception):  # noqa: N818  (not an error: a metric says why it has no value here)
    """A metric has no value for this evidence; the message says why."""


Metric = Callable[[Evidence], dict[str, float]]

_metrics: dict[str, Metric] = {}


def metric(function: Metric) -> Metric:
    """Decorator: take this metric on every cell and on the floor."""
    _metrics[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def metrics() -> list[Metric]:
    """All metrics, in the order of their modules."""
    package = importlib.import_module("ganbench.evaluation.metrics")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [function for _, function in sorted(_metrics.items())]


def measure(evidence: Evidence) -> tuple[dict[str, float], dict[str, str]]:
    """Take all metrics.

    Returns:
        values by name, and for each metric that does not apply, the reason by its function's name.

    Raises:
        BenchError: a value is not finite.
    """
    values: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for function in metrics():
        try:
            values |= function(evidence)
        except NotApplicable as reason:
            left_out[function.__name__] = str(reason)
    for name, value in values.items():
        if not math.isfinite(value):
            raise BenchError(f"metric {name}: {value}; expected a finite number")
    return values, left_out
