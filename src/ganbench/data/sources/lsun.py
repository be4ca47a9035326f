"""LSUN: the LMDB of one category (Yu et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from ganbench.data.files import find, natural, printable, walk
from ganbench.data.source import SOURCES, Item, Source, advice
from ganbench.errors import BenchError
from ganbench.params import FILE, Prepare, unknown

SUFFIX = "_train_lmdb"
MAPPED = 4096
"""Images read before the map is opened anew: until then the pages that were read stay resident."""


@SOURCES.register("lsun")
class Lsun(Source):
    """The photos of ``<category>_train_lmdb``; unlabelled, without an official split of use (it holds out 300)."""

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        self.accept(root)
        category = options.lsun_category
        path = next(find(root, category + SUFFIX), None)
        if path is None or not (path / "data.mdb").is_file():
            raise BenchError(
                f"{FILE}: images.prepare.lsun_category: {unknown('category', category, _categories(root))} in {root}"
            )
        self._path = path

    @classmethod
    def accept(cls, root: Path) -> None:
        """At least one category must be there."""
        if not _categories(root):
            files = f"a folder such as bedroom{SUFFIX} (the unpacked zip, with data.mdb in it)"
            raise BenchError(f"{root}: found no *{SUFFIX}/data.mdb; {advice('lsun', files)}")

    @property
    def classes(self) -> list[str]:
        """None."""
        return []

    @contextmanager
    def _open(self) -> Iterator[Any]:
        import lmdb

        try:
            with lmdb.open(str(self._path), readonly=True, lock=False, readahead=False) as environment:
                yield environment
        except lmdb.Error as error:
            raise BenchError(f"{self._path}: not an LMDB, or damaged: {error}") from None

    @cached_property
    def _count(self) -> int:
        with self._open() as environment:
            return int(environment.stat()["entries"])

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        position, key = 0, None
        while position < len(self):
            with self._open() as environment, environment.begin() as transaction, transaction.cursor() as cursor:
                rows = cursor.iternext()
                if key is not None:
                    cursor.set_key(key)
                    next(rows)
                for key, value in islice(rows, MAPPED):
                    yield Item(position, printable(key.decode("utf-8", "surrogateescape")), value)
                    position += 1


def _categories(root: Path) -> list[str]:
    found = {part for name in walk(root) if name.endswith("/data.mdb") for part in name.split("/")[-2:-1]}
    return sorted((part.removesuffix(SUFFIX) for part in found if part.endswith(SUFFIX)), key=natural)
