"""The control: two mappings between the domains are equally right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import TASKS, Images, Task, View, in_colour, luminance
from ganbench.params import Translation

RED_BLUE = np.array([[1, 0, 0], [0, 0, 1]], np.uint8)
GREEN_MAGENTA = np.array([[0, 1, 0], [1, 0, 1]], np.uint8)


@TASKS.register("symmetric")
@dataclass(frozen=True)
class Symmetric(Task):
    """Unpaired, two bijections equally right: images in red or blue → in green or magenta, a coin decides which.

    The mapping that counts as right takes red to green and blue to magenta, its alternative red to magenta and blue
    to green. To exchange the channels of red and blue exchanges the two and changes neither domain: nothing in the
    data, nor in networks whose weights are drawn alike for all channels, prefers one. Both have a cycle error of 0.
    """

    def source(self, track: Translation) -> Source:
        """The images."""
        return open_raw(track)

    def pairing(self) -> Pairing:
        """Disjoint halves for training; held-out images have both sides, and an alternative."""
        return Pairing("symmetric", paired=False, known=True, invertible=True, symmetric=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """Red or blue, and green or magenta."""
        in_colour("symmetric", channels)
        return View(3, _Tint(RED_BLUE)), View(3, _Tint(GREEN_MAGENTA))

    def alternatives(self, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """The other colour of each domain."""
        return View(3, _Tint(RED_BLUE[::-1])), View(3, _Tint(GREEN_MAGENTA[::-1]))


@dataclass(frozen=True)
class _Tint:
    """The luminance in one of two colours, of which the parity of an image's place chooses one."""

    colours: NDArray[np.uint8]

    def __call__(self, images: Images, places: NDArray[np.int64]) -> Images:
        return luminance(images) * self.colours[places % 2][:, None, None, :]
