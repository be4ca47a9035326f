"""Edges → image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.edges import edges
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import TASKS, Images, Task, View, as_it_is
from ganbench.params import Translation


@TASKS.register("edges")
@dataclass(frozen=True)
class Edges(Task):
    """Edges → image: a is the Canny edges of b, one grey channel (Isola et al. 2017, section 4).

    Of `shapes` the fill of b is a function of the shape's class, so an answer is right or wrong. At 32 pixels the edges
    say the class (a judge reads 99.5 % of them); at 16 those of small shapes don't (78 %).

    Attributes:
        sigma: of the Gaussian that smooths before, in pixels.
        strong: the part of an image's strongest gradient that makes an edge.
    """

    sigma: Annotated[float, Gt(0)] = 0.7
    strong: Annotated[float, Gt(0), Le(1)] = 0.35

    def source(self, track: Translation) -> Source:
        """Determined by outlines, where it can be."""
        return open_raw(track).determined()

    def pairing(self) -> Pairing:
        """Pairs, whose edges are a function of the image."""
        return Pairing("edges", paired=True, known=True, invertible=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """Edges, and the image."""

        def see(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
            return edges(images, self.sigma, self.strong)

        return View(1, see), View(channels, as_it_is)
