"""An archive of a folder of images, read without unpacking to disk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data import archives
from ganbench.data.files import ARCHIVES, EXTENSIONS, is_archive, is_image, natural, printable, walk
from ganbench.data.layout import LaidOut
from ganbench.data.source import SOURCES, Item
from ganbench.errors import BenchError
from ganbench.params import Prepare


@SOURCES.register("archive")
class Archive(LaidOut):
    """The one zip or tar archive under `root`; its paths are read as a folder's are.

    Items arrive in the order of the archive; their positions are those that the unpacked folder would give.
    """

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        found = [name for name in walk(root) if is_archive(name)]
        if len(found) != 1:
            raise BenchError(
                f"{root}: {len(found)} archives{f' ({found[0]}, {found[1]}, …)' if found else ''};"
                f" expected exactly one of *{', *'.join(ARCHIVES)}"
            )
        self._path = root / found[0]
        if not any(True for _ in archives.names(self._path, is_image)):
            raise BenchError(f"{self._path}: no images; looked for *{', *'.join(EXTENSIONS)}")

    @cached_property
    def names(self) -> list[str]:
        """In the order of the archive."""
        return list(archives.names(self._path, is_image))

    @property
    def where(self) -> Path:
        """The archive."""
        return self._path

    def __iter__(self) -> Iterator[Item]:
        order = sorted(range(len(self.names)), key=lambda index: natural(self.names[index]))
        positions = [0] * len(order)
        for position, index in enumerate(order):
            positions[index] = position
        for position, (name, content) in zip(positions, archives.members(self._path, is_image), strict=True):
            label, split = self.layout.place(name)
            yield Item(position, printable(name), content, label, split)
