"""Gaussians on a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Len

from ganbench.data.points.source import POINT_SOURCES, MixtureSource, Modes
from ganbench.errors import BenchError
from ganbench.params import FILE

Positive = Annotated[float, Gt(0)]


@POINT_SOURCES.register("mixture_1d")
@dataclass(frozen=True)
class Mixture1D(MixtureSource):
    """Gaussians in one dimension; as many standard deviations and weights as means. Weights are shares of their sum."""

    means: Annotated[tuple[float, ...], Len(1)] = (-3.0, -1.0, 1.0, 3.0)
    stds: Annotated[tuple[Positive, ...], Len(1)] = (0.2, 0.2, 0.2, 0.2)
    weights: Annotated[tuple[Positive, ...], Len(1)] = (0.1, 0.4, 0.3, 0.2)

    def __post_init__(self) -> None:
        sizes = len(self.means), len(self.stds), len(self.weights)
        if len(set(sizes)) > 1:
            raise BenchError(
                f"{FILE}: points.dataset.mixture_1d: {sizes[0]} means, {sizes[1]} stds and {sizes[2]} weights; "
                "allowed: as many of each"
            )

    @property
    def modes(self) -> Modes:  # noqa: D102
        weights = np.asarray(self.weights)
        return Modes(np.asarray(self.means)[:, None], np.asarray(self.stds), weights / weights.sum())
