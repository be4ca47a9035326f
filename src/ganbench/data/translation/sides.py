"""Two domains in one folder: ``A/`` and ``B/``, also within ``train/`` and ``test/``, or ``trainA/``, ``testB/``, …"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ganbench.data.layout import TEST, TRAIN, VALIDATION, splits_of
from ganbench.data.source import Split
from ganbench.errors import BenchError

SPLITS = TRAIN | TEST | VALIDATION


@dataclass(frozen=True)
class Place:
    """Where an image belongs.

    Attributes:
        name: its path in the set.
        side: 0 for a, 1 for b, None for neither.
        split: the official one.
        key: what partners have in common: the split and the rest of the path, without extension.
    """

    name: str
    side: int | None
    split: Split | None
    key: str


def places(names: Iterable[str], folders: tuple[str, str], where: str) -> list[Place]:
    """Read sides and splits off paths, whatever the case of the folders' names; a single folder on top is ignored.

    Args:
        names: paths of all images, joined by ``/``.
        folders: of a and b.
        where: the set, for messages.

    Raises:
        BenchError: some images lie in a split or a side and others in none.
    """
    names = list(names)
    parts = [name.split("/") for name in names]
    while all(len(rest) > 1 and rest[0] == parts[0][0] for rest in parts) and not _means_something(parts[0], folders):
        parts = [rest[1:] for rest in parts]
    read = [_read(rest, folders) for rest in parts]
    for what in ("side", "split"):
        without = [name for name, one in zip(names, read, strict=True) if getattr(one, what) is None]
        if 0 < len(without) < len(names):
            kind = f"{folders[0]}/ or {folders[1]}/" if what == "side" else "a folder of a split"
            raise BenchError(f"{where}: {len(without)} of {len(names)} images lie in no {kind}, such as {without[0]!r}")
    known = splits_of({one.split or "" for one in read})
    return [
        Place(name, one.side, known.get(one.split or ""), f"{one.split or ''}/{posixpath.splitext(one.rest)[0]}")
        for name, one in zip(names, read, strict=True)
    ]


class _Read(NamedTuple):
    side: int | None
    split: str | None
    rest: str


def _means_something(parts: list[str], folders: tuple[str, str]) -> bool:
    return any(True for _ in _meanings(parts[0].lower(), folders))


def _read(parts: list[str], folders: tuple[str, str]) -> _Read:
    """What the leading folders say: a side, a split, both in one name, or nothing."""
    side: int | None = None
    split: str | None = None
    rest = list(parts)
    while len(rest) > 1:
        for its_side, its_split in _meanings(rest[0].lower(), folders):
            if None in (its_side, side) and None in (its_split, split):
                side, split = side if its_side is None else its_side, its_split or split
                rest.pop(0)
                break
        else:
            break
    return _Read(side, split, "/".join(rest))


def _meanings(folder: str, folders: tuple[str, str]) -> Iterator[tuple[int | None, str | None]]:
    """The side and the split that a folder's name may stand for."""
    if folder in SPLITS:
        yield None, folder
    for side, name in enumerate(folders):
        if folder == name.lower():
            yield side, None
        if folder.endswith(name.lower()) and (split := folder.removesuffix(name.lower()).rstrip("_- ")) in SPLITS:
            yield side, split
