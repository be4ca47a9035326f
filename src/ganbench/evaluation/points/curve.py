"""Learning curves of points: the metrics of what a generator made of the same noise at moments of its training."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.moments import Point
from ganbench.evaluation.points.metric import Evidence, NotApplicable
from ganbench.evaluation.points.metrics.modes import modes
from ganbench.evaluation.points.metrics.transport import distance
from ganbench.training.snapshots import Moment


def curve_of(moments: Sequence[Moment], points: NDArray[np.float32], real: Evidence, samples: int) -> list[Point]:
    """Modes, high quality and reverse KL, where there are modes to count, and W₁, at every moment.

    Args:
        moments: T of them.
        points: that the generator made by then, (T, n, dim).
        real: evidence of which real points are taken.
        samples: of the n points, and of the real ones, at most.
    """
    n = min(points.shape[1], len(real.reference), samples)
    few = replace(real, reference=real.reference[:n])
    judged = np.asarray(points[:, :n], np.float64)
    return [(moment, _measure(replace(few, judged=drawn))) for moment, drawn in zip(moments, judged, strict=True)]


def _measure(evidence: Evidence) -> dict[str, float]:
    values: dict[str, float] = {}
    with suppress(NotApplicable):
        values = modes(evidence)
    return values | {f"w1_{evidence.protocol}": distance(evidence.judged, evidence.reference, 1)}
