"""An archive of a folder of images, read without unpacking to disk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data import archives
from ganbench.data.files import ARCHIVES, EXTENSIONS, is_archive, is_image, is_metadata, natural, printable, walk
from ganbench.data.layout import LaidOut
from ganbench.data.source import SOURCES, Item, Unreadable
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
        self.indexed = self._path.suffix.lower() == ".zip"  # a tar archive has no list of what is in it
        if not any(True for _ in archives.names(self._path, is_image)):
            raise BenchError(f"{self._path}: no images; looked for *{', *'.join(EXTENSIONS)}")

    @cached_property
    def _listed(self) -> list[str]:
        return list(archives.names(self._path, lambda name: is_image(name) or is_metadata(name)))

    @cached_property
    def names(self) -> list[str]:
        """In the order of the archive."""
        return list(filter(is_image, self._listed))

    @property
    def where(self) -> Path:
        """The archive."""
        return self._path

    def metadata(self) -> Iterator[tuple[str, bytes]]:
        """In the order of the archive."""
        if not any(map(is_metadata, self._listed)):
            return
        for name, content in archives.members(self._path, is_metadata):
            if isinstance(content, Unreadable):
                raise BenchError(f"{self._path}: {printable(name)}: {content.reason}")
            yield name, content

    def __iter__(self) -> Iterator[Item]:
        order = sorted(range(len(self.names)), key=lambda index: natural(self.names[index]))
        positions = [0] * len(order)
        for position, index in enumerate(order):
            positions[index] = position
        for position, (name, content) in zip(positions, archives.members(self._path, is_image), strict=True):
            yield self.item(position, name, content)
