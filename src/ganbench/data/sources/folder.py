"""A folder of images: class sub-folders, or flat."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data.files import EXTENSIONS, is_image, natural, printable, walk
from ganbench.data.layout import Layout
from ganbench.data.source import SOURCES, Item, Source
from ganbench.errors import BenchError
from ganbench.params import Prepare


@SOURCES.register("folder")
class Folder(Source):
    """Any folder of images, as ``ganbench.data.layout`` reads it."""

    dataset = False

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        if not any(map(is_image, walk(root))):
            raise BenchError(f"{root}: no images; looked for *{', *'.join(EXTENSIONS)}, in its sub-folders too")

    @cached_property
    def _names(self) -> list[str]:
        return sorted(filter(is_image, walk(self.root)), key=natural)

    @cached_property
    def _layout(self) -> Layout:
        return Layout.of(self._names, self.root.as_posix())

    @property
    def classes(self) -> list[str]:
        """The class folders, in natural order."""
        return [printable(name) for name in self._layout.classes]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[Item]:
        for position, name in enumerate(self._names):
            label, split = self._layout.place(name)
            yield Item(position, printable(name), self.root / name, label, split)
