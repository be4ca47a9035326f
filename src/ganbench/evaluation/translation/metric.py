"""What a metric of translations is: a function from one direction's evidence to named values.

A module of `ganbench.evaluation.translation.metrics` decorates its function with `metric`; it is then taken on every
cell, on the real targets, which are the ceiling, and on the input itself, which is the baseline. The names state the
protocol: family, the domain's judge where it is asked, direction, n.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.translation.domains import Direction
from ganbench.errors import BenchError
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import NotApplicable
from ganbench.evaluation.translation.lpips import Lpips

__all__ = ["NotApplicable", "Way", "measure", "metric"]

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
    def protocol(self) -> str:
        """The end of every metric's name: ``ab_500``."""
        return f"{self.direction}_{len(self.outputs)}"

    @property
    def answers(self) -> Images:
        """The right answers.

        Raises:
            NotApplicable: they are not known.
        """
        if self.truth is None:
            raise NotApplicable("the right answers are not known")
        return self.truth


Metric = Callable[[Way], dict[str, float]]

_metrics: dict[str, Metric] = {}


def metric(function: Metric) -> Metric:
    """Decorator: take this metric of translations."""
    _metrics[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def measure(ways: Sequence[Way]) -> tuple[dict[str, float], dict[str, str]]:
    """Take all metrics of all directions.

    Returns:
        values by name, and for each metric that does not apply, the reason by its function's name and the direction.

    Raises:
        BenchError: a value is not finite.
    """
    package = importlib.import_module("ganbench.evaluation.translation.metrics")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    values: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for way in ways:
        for _, function in sorted(_metrics.items()):
            try:
                values |= function(way)
            except NotApplicable as reason:
                left_out[f"{function.__name__}_{way.direction}"] = str(reason)
    for name, value in values.items():
        if not math.isfinite(value):
            raise BenchError(f"metric {name}: {value}; expected a finite number")
    return values, left_out
