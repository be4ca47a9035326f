"""Raw sets of two domains: folders of pairs, and folders of two domains without pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from PIL import Image

from ganbench.data.decode import BROKEN, FORMATS
from ganbench.data.files import EXTENSIONS, is_image, natural, printable, walk
from ganbench.data.metadata import listed
from ganbench.data.source import Halves, Item, Pair, Source
from ganbench.data.translation.sides import Place, places
from ganbench.errors import BenchError
from ganbench.params import Prepare

EXIF_ORIENTATION, SIDEWAYS = 0x0112, 5
"""From that value on an image lies on its side."""


class TwoSides(Source):
    """A folder whose images stand in two sub-folders; its labels are the sides, 0 and 1.

    Args:
        root: the folder.
        options: the track's ``prepare``.
        folders: the names of the two sub-folders.

    Raises:
        BenchError: no images, or one side alone.
    """

    dataset = False

    def __init__(self, root: Path, options: Prepare, folders: tuple[str, str]) -> None:
        super().__init__(root, options)
        self.folders = folders
        if not self.places:
            raise BenchError(f"{root}: no images; looked for *{', *'.join(EXTENSIONS)} in its sub-folders")
        self.check()

    @cached_property
    def places(self) -> list[Place]:
        """Where each image belongs, in natural order."""
        names = sorted(filter(is_image, walk(self.root)), key=natural)
        return places(names, self.folders, self.root.as_posix()) if names else []

    def check(self) -> None:
        """Refuse what the task can't use.

        Raises:
            BenchError: with the names of the files.
        """
        counts = Counter(place.side for place in self.places)
        if counts[0] and counts[1]:
            return
        there = f"{counts[0]} in {self.folders[0]}/, {counts[1]} in {self.folders[1]}/, {counts[None]} in neither"
        raise BenchError(f"{self.root}: two domains are needed; images found: {there}")

    @property
    def classes(self) -> list[str]:
        """The two folders."""
        return list(self.folders)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Item]:
        for position, place in enumerate(self.places):
            side = 0 if place.side is None else place.side
            yield Item(position, printable(place.name), self.root / place.name, side, place.split)


class Pairs(TwoSides):
    """A folder of pairs: each image a and b side by side, or two sub-folders with equal names, whatever the extension.

    Raises:
        BenchError: images without a partner, partners of different sizes, or what can't be two images side by side.
    """

    def check(self) -> None:
        """Partners and sizes, by the headers of the files; an unreadable one is left to `prepare`, which counts it."""
        if self.in_one:
            self._check_halves()
        else:
            super().check()
            self._check_partners()

    def _check_halves(self) -> None:
        sizes = {place.name: _size(self.root / place.name) for place in self.places}
        odd = [name for name, size in sizes.items() if size and (size[0] <= size[1] or size[0] % 2)]
        folders = " and ".join(f"{folder}/" for folder in self.folders)
        self._refuse(f"that are no two halves (wider than high, of even width), and there are no {folders}", odd)

    def _check_partners(self) -> None:
        for side, folder in enumerate(self.folders):
            mine, partners = self._of(side), {place.key for place in self._of(1 - side)}
            keys = Counter(place.key for place in mine)
            self._refuse(f"in {folder}/ alone", [place.name for place in mine if place.key not in partners])
            self._refuse(f"in {folder}/ under one name", [place.name for place in mine if keys[place.key] > 1])
        unlike = []
        for a, b in self.partners:
            one, other = _size(self.root / a.name), _size(self.root / b.name)
            if one and other and one != other:
                unlike.append(a.name)
        self._refuse("that differ in size from their partner", unlike)

    def _refuse(self, what: str, names: list[str]) -> None:
        if names:
            raise BenchError(f"{self.root.as_posix()}: {len(names)} images {what}: {listed(names)}")

    @cached_property
    def in_one(self) -> bool:
        """Whether pairs lie side by side in one image."""
        return all(place.side is None for place in self.places)

    @cached_property
    def partners(self) -> list[tuple[Place, Place]]:
        """The pairs of the two folders, in natural order of a."""
        others = {place.key: place for place in self._of(1)}
        return [(place, others[place.key]) for place in self._of(0) if place.key in others]

    def _of(self, side: int) -> list[Place]:
        return [place for place in self.places if place.side == side]

    @property
    def classes(self) -> list[str]:
        """None are known."""
        return []

    def __len__(self) -> int:
        return len(self.places) if self.in_one else len(self.partners)

    def __iter__(self) -> Iterator[Item]:
        if self.in_one:
            for position, place in enumerate(self.places):
                yield Item(position, printable(place.name), Halves(self.root / place.name), split=place.split)
            return
        for position, (a, b) in enumerate(self.partners):
            yield Item(position, printable(a.name), Pair(self.root / a.name, self.root / b.name), split=a.split)


def _size(path: Path) -> tuple[int, int] | None:
    """Width and height as an image is seen; None: its header can't be read."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            sideways = image.getexif().get(EXIF_ORIENTATION, 1) >= SIDEWAYS
            return (image.height, image.width) if sideways else image.size
    except BROKEN:
        return None
