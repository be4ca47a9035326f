"""Label map → picture, where a label map has many right pictures."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.data.check import find_reader
from ganbench.data.source import Source
from ganbench.data.translation.cloth import OnCloth
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import DATASET, TASKS, Task, View, halves, in_colour
from ganbench.errors import BenchError
from ganbench.params import FILE, Translation


@TASKS.register("cloth")
@dataclass(frozen=True)
class Cloth(Task):
    """Pairs with many right answers: a says of which cloth the ground is, b shows the cloth.

    Of the set `shapes`: white shapes on a ground. In a it is flat, in one of six colours; in b it has a hue that
    follows from the shape, and stripes, whose weave follows from the colour and whose place is one of four that a does
    not tell. Classes are the cloths, and a judge needs both for them: the hue, which the distance to the answer finds,
    and the weave, which the distance blurs and a discriminator does not. So labels → photos in Isola et al. 2017,
    table 1.
    """

    joint = True

    def source(self, track: Translation) -> Source:
        """The pairs."""
        if find_reader(track.dataset, DATASET) != "shapes":
            raise BenchError(f"{FILE}: {DATASET}: {track.dataset!r}: the task cloth is drawn; allowed: 'shapes'")
        return open_raw(track, OnCloth)

    def pairing(self) -> Pairing:
        """Pairs; the answer that is known is one of four."""
        return Pairing("cloth", paired=True, known=True, invertible=True)

    def views(self, source: Source, channels: int) -> tuple[View, View]:  # noqa: ARG002
        """The first and the second image of a record."""
        in_colour("cloth", channels)
        return halves(channels)
