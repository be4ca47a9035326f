"""A folder of images: class sub-folders, or flat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data.files import EXTENSIONS, is_image, natural, printable, walk
from ganbench.data.layout import LaidOut
from ganbench.data.source import SOURCES, Item
from ganbench.errors import BenchError
from ganbench.params import Prepare


@SOURCES.register("folder")
class Folder(LaidOut):
    """Any folder of images, as ``ganbench.data.layout`` reads it."""

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        if not any(map(is_image, walk(root))):
            raise BenchError(f"{root}: no images; looked for *{', *'.join(EXTENSIONS)}, in its sub-folders too")

    @cached_property
    def names(self) -> list[str]:
        """In natural order."""
        return sorted(filter(is_image, walk(self.root)), key=natural)

    @property
    def where(self) -> Path:
        """The folder."""
        return self.root

    def __iter__(self) -> Iterator[Item]:
        for position, name in enumerate(self.names):
            label, split = self.layout.place(name)
            yield Item(position, printable(name), self.root / name, label, split)
