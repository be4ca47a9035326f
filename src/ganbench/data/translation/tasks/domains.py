"""Two folders of images."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.cell import raw_dir
from ganbench.data.check import find_folder
from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.pairs import TwoSides
from ganbench.data.translation.task import DATASET, TASKS, Task, View, as_it_is
from ganbench.params import Translation


@TASKS.register("domains")
@dataclass(frozen=True)
class TwoFolders(Task):
    """Unpaired: the images of two sub-folders are the domains; no right answer is known.

    Attributes:
        a: sub-folder of a; also below ``train/`` and ``test/``, and as ``trainA``.
        b: sub-folder of b.
    """

    a: str = "A"
    b: str = "B"

    def source(self, track: Translation) -> Source:
        """The images of both."""
        find_folder(track.dataset, DATASET)
        return TwoSides(raw_dir(track.dataset), track.prepare, (self.a, self.b))

    def pairing(self) -> Pairing:
        """None."""
        return Pairing("domains", paired=False, known=False, invertible=False)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """The images of one folder each."""
        return View(channels, as_it_is, 0, self.a), View(channels, as_it_is, 1, self.b)
