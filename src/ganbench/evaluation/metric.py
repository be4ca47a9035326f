"""What a metric is: a function from evidence to named values.

A module of `ganbench.evaluation.metrics` decorates its function with `metric`, which is told the families of its
values; it is then taken on every cell and on the real images, which are the floor. The names state the protocol:
family, extractor, n, and k where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.asked import Asked
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.matching import Matching
from ganbench.evaluation.measurement import Gives, Measured, Metrics, NotApplicable
from ganbench.evaluation.substitution import Substitution

__all__ = ["METRICS", "NETWORKS", "Evidence", "Gives", "NotApplicable", "Scores", "measure", "metric"]


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


METRICS: Metrics[Evidence] = Metrics("ganbench.evaluation.metrics")
metric = METRICS.register
"""Decorator: take this metric on every cell and on the floor; its families read one of `NETWORKS`, or none."""

NETWORKS = ("extractor", "judge", "attributes", "discriminator", "pupil_real", "pupil_few")
"""That metrics read: the extractor; the judge; the attribute judge; the cell's discriminator; the pupils of real images
that the floor kept."""


def measure(evidence: Evidence) -> Measured:
    """Take all metrics, see `Metrics.measure`."""
    return METRICS.measure(evidence)
