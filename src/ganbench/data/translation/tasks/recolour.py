"""A hidden bijection: two domains without pairs, of which the right mapping is known to the bench alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import TASKS, Images, Task, View, as_it_is
from ganbench.params import Translation


@TASKS.register("recolour")
@dataclass(frozen=True)
class Recolour(Task):
    """Unpaired, with a hidden bijection: b = T(other images), a fixed recolouring; held-out images have both.

    T inverts colours and turns their channels round, (r, g, b) → (255 − b, 255 − r, 255 − g); grey v → 255 − v.
    Of `shapes` each shape has a colour of its own: were colours and shapes independent, any permutation of the colours
    would fit the two domains as well as T.
    """

    def source(self, track: Translation) -> Source:
        """Determined by outlines, where it can be."""
        return open_raw(track).determined()

    def pairing(self) -> Pairing:
        """Disjoint halves for training; held-out images have both sides."""
        return Pairing("recolour", paired=False, known=True, invertible=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """The image, and T of it."""
        return View(channels, as_it_is), View(channels, recolour)


def recolour(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
    """T, on uint8 (n, H, W, 1 or 3)."""
    return 255 - np.roll(images, 1, axis=3)
