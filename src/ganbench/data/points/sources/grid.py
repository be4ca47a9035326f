"""Gaussians on a square grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt

from ganbench.data.points.source import POINT_SOURCES, MixtureSource, Modes


@POINT_SOURCES.register("grid")
@dataclass(frozen=True)
class Grid(MixtureSource):
    """Equal Gaussians at {−4, −2, 0, 2, 4}² (the 2D-grid of Srivastava et al. 2017 and of Lin et al. 2018)."""

    side: Annotated[int, Ge(2)] = 5
    extent: Annotated[float, Gt(0)] = 4.0
    std: Annotated[float, Gt(0)] = 0.05

    @property
    def modes(self) -> Modes:  # noqa: D102
        ticks = np.linspace(-self.extent, self.extent, self.side)
        centres = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=2).reshape(-1, 2)
        return Modes(centres, np.full(len(centres), self.std), np.full(len(centres), 1 / len(centres)))
