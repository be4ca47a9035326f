"""A folder of pairs."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.cell import raw_dir
from ganbench.data.check import find_folder
from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.pairs import Pairs as PairedSource
from ganbench.data.translation.task import DATASET, TASKS, Task, View, halves
from ganbench.params import Translation


@TASKS.register("pairs")
@dataclass(frozen=True)
class Pairs(Task):
    """A folder of pairs: a and b side by side in one image, or two sub-folders with equal names.

    Attributes:
        a: sub-folder of a, where there are two; also below ``train/`` and ``test/``, and as ``trainA``.
        b: sub-folder of b.
    """

    joint = True

    a: str = "A"
    b: str = "B"

    def source(self, track: Translation) -> Source:
        """The pairs."""
        find_folder(track.dataset, DATASET)
        return PairedSource(raw_dir(track.dataset), track.prepare, (self.a, self.b))

    def pairing(self) -> Pairing:
        """Pairs."""
        return Pairing("pairs", paired=True, known=True, invertible=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """The first and the second image of a record."""
        return halves(channels)
