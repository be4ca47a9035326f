"""Gaussians on a circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt

from ganbench.data.points.source import POINT_SOURCES, MixtureSource, Modes


@POINT_SOURCES.register("ring")
@dataclass(frozen=True)
class Ring(MixtureSource):
    """Equal Gaussians at equal angles on a circle (the 2D-ring of Srivastava et al. 2017 and of Lin et al. 2018)."""

    count: Annotated[int, Ge(2)] = 8
    radius: Annotated[float, Gt(0)] = 1.0
    std: Annotated[float, Gt(0)] = 0.01

    @property
    def modes(self) -> Modes:  # noqa: D102
        angles = 2 * np.pi * np.arange(self.count) / self.count
        centres = self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        return Modes(centres, np.full(self.count, self.std), np.full(self.count, 1 / self.count))
