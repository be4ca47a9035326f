"""Grey → colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import TASKS, Images, Task, View, as_it_is, in_colour, luminance
from ganbench.params import Translation


@TASKS.register("grey")
@dataclass(frozen=True)
class Grey(Task):
    """Grey → colour: a is the luminance of b (ITU-R 601), one channel."""

    def source(self, track: Translation) -> Source:
        """The images."""
        return open_raw(track)

    def pairing(self) -> Pairing:
        """Pairs, whose grey is a function of the colour."""
        return Pairing("grey", paired=True, known=True, invertible=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """Luminance, and the image."""
        in_colour("grey", channels)

        def see(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
            return luminance(images)

        return View(1, see), View(channels, as_it_is)
