"""A spiral with noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt

from ganbench.data.points.source import POINT_SOURCES, Array, PointSource, log_sum_exp

START, END = 1.5 * np.pi, 4.5 * np.pi
"""Angles between which the spiral runs."""
KNOTS = 4000
"""Of the midpoint rule; closer than a third of the smallest noise, where its error is below rounding."""
CHUNK = 1000


@POINT_SOURCES.register("swiss_roll")
@dataclass(frozen=True)
class SwissRoll(PointSource):
    """(t cos t, t sin t) / 4.5π for t uniform in [1.5π, 4.5π], plus Gaussian noise: one connected curve, no modes.

    The toy of Gulrajani et al. 2017, figure 1, scaled to the unit disc.
    """

    std: Annotated[float, Ge(0.005), Gt(0)] = 0.03

    @property
    def dim(self) -> int:  # noqa: D102
        return 2

    def draw(self, count: int, rng: np.random.Generator) -> Array:  # noqa: D102
        return _curve(rng.uniform(START, END, count)) + self.std * rng.standard_normal((count, 2))

    def log_density(self, points: Array) -> Array:
        """log ∫ N(x; c(t), σ² I) dt / 3π by the midpoint rule."""
        knots = _curve(START + (END - START) * (np.arange(KNOTS) + 0.5) / KNOTS)
        parts = []
        for start in range(0, len(points), CHUNK):
            part = points[start : start + CHUNK]
            squares = np.square(part[:, None, :] - knots[None]).sum(axis=2)
            parts.append(log_sum_exp(-squares / (2 * self.std**2)))
        return np.asarray(np.concatenate(parts) - np.log(KNOTS * 2 * np.pi * self.std**2))

    @property
    def reach(self) -> float:  # noqa: D102
        return 1.15 * (1 + 3 * self.std)


def _curve(t: Array) -> Array:
    return np.asarray(t[:, None] / END * np.stack([np.cos(t), np.sin(t)], axis=1))
