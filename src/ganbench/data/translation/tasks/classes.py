"""Two classes of a raw set."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.data.translation.raw import open_raw
from ganbench.data.translation.task import SECTION, TASKS, Task, View, as_it_is
from ganbench.errors import BenchError
from ganbench.params import FILE, Translation, unknown


@TASKS.register("classes")
@dataclass(frozen=True)
class Classes(Task):
    """Unpaired: two classes of a raw set are the domains; no right answer is known.

    Attributes:
        a: the class that is domain a.
        b: the class that is domain b.
    """

    a: str | int
    b: str | int

    def source(self, track: Translation) -> Source:
        """The images."""
        return open_raw(track)

    def pairing(self) -> Pairing:
        """None."""
        return Pairing("classes", paired=False, known=False, invertible=False)

    def views(self, source: Source, channels: int) -> tuple[View, View]:
        """The images of one class each."""
        if str(self.a) == str(self.b):
            raise BenchError(f"{FILE}: {SECTION}.classes.b: {self.b!r}: the same class as a; expected two")
        a, b = (_label(source, option, str(name)) for option, name in (("a", self.a), ("b", self.b)))
        return View(channels, as_it_is, a, source.classes[a]), View(channels, as_it_is, b, source.classes[b])


def _label(source: Source, option: str, name: str) -> int:
    if not source.classes:
        raise BenchError(f"{FILE}: {SECTION}.classes.{option}: {name!r}: {source.root.as_posix()} has no classes")
    if name not in source.classes:
        raise BenchError(f"{FILE}: {SECTION}.classes.{option}: {unknown('class', name, source.classes)}")
    return source.classes.index(name)
