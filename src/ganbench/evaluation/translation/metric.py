"""What a metric of translations is: a function from one direction's evidence to named values.

A module of `ganbench.evaluation.translation.metrics` decorates its function with `metric`, which is told the families
of its values; it is then taken on every cell, on the real targets, which are the ceiling, and on the input itself,
which is the baseline. The names state the protocol: family, the domain's judge where it is asked, direction, n.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.translation.domains import Direction
from ganbench.evaluation.features import Seen
from ganbench.evaluation.measurement import Gives, Measured, Metrics, NotApplicable
from ganbench.evaluation.translation.lpips import Lpips

__all__ = ["Gives", "NotApplicable", "Way", "measure", "metric"]

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Way:
    """n images on their way from one domain to the other.

    Attributes:
        direction: ``ab`` or ``ba``.
        inputs: held-out images of the first domain, uint8 (n, H, W, C).
        outputs: what became of them, uint8 (n, H, W, C′).
        seen: the outputs, as the judge of the second domain sees them.
        reference: n training images of the second domain, as the same judge sees them.
        truth: the right answers, like the outputs; None: unknown.
        alternative: answers that are as right, by another mapping; None: there is none.
        labels: classes that the outputs should show, int64 (n,), −1 where unknown; None: the domains have no classes in
            common.
        back: the outputs, translated back, like the inputs; None: nothing translates back.
        lpips: None: its weights are not there.
    """

    direction: Direction
    inputs: Images
    outputs: Images
    seen: Seen
    reference: Seen
    truth: Images | None = None
    alternative: Images | None = None
    labels: NDArray[np.int64] | None = None
    back: Images | None = None
    lpips: Lpips | None = None

    @property
    def n(self) -> int:
        """Translated images."""
        return len(self.outputs)

    @property
    def protocol(self) -> str:
        """The end of every metric's name: ``ab_500``."""
        return f"{self.direction}_{self.n}"

    @property
    def answers(self) -> Images:
        """The right answers.

        Raises:
            NotApplicable: they are not known.
        """
        if self.truth is None:
            raise NotApplicable("the right answers are not known")
        return self.truth


METRICS: Metrics[Way] = Metrics("ganbench.evaluation.translation.metrics")
metric = METRICS.register
"""Decorator: take this metric of translations; its families read the ``judge`` of the domain translated into,
``lpips``, or nothing."""


def measure(ways: Sequence[Way]) -> dict[Direction, Measured]:
    """Take all metrics of all directions.

    Raises:
        BenchError: a value is not finite.
    """
    return {way.direction: METRICS.measure(way) for way in ways}


def values_of(found: Mapping[Direction, Measured]) -> dict[str, float]:
    """The values of all directions, by name."""
    return {name: value for measured in found.values() for name, value in measured.values.items()}
