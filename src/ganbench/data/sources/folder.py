"""A folder of images: class sub-folders, or flat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data.files import EXTENSIONS, is_image, is_metadata, natural, walk
from ganbench.data.layout import LaidOut
from ganbench.data.source import SOURCES, Item
from ganbench.errors import BenchError
from ganbench.params import Prepare


@SOURCES.register("folder")
class Folder(LaidOut):
    """Any folder of images, as ``ganbench.data.layout`` reads it; captions as ``ganbench.data.metadata`` does."""

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        if not any(map(is_image, walk(root))):
            raise BenchError(f"{root}: no images; looked for *{', *'.join(EXTENSIONS)}, in its sub-folders too")
        if any(map(is_metadata, walk(root))):
            _ = self.captions  # refused here, before any work

    @cached_property
    def names(self) -> list[str]:
        """In natural order."""
        return sorted(filter(is_image, walk(self.root)), key=natural)

    @property
    def where(self) -> Path:
        """The folder."""
        return self.root

    def metadata(self) -> Iterator[tuple[str, bytes]]:
        """In natural order."""
        for name in filter(is_metadata, walk(self.root)):
            yield name, (self.root / name).read_bytes()

    def __iter__(self) -> Iterator[Item]:
        for position, name in enumerate(self.names):
            yield self.item(position, name, self.root / name)
