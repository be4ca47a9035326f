"""What the folders of a set of images mean: classes, official splits, or nothing."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ganbench.data.files import natural, printable
from ganbench.data.metadata import read_captions
from ganbench.data.source import NO_LABEL, Item, Payload, Source, Split
from ganbench.errors import BenchError

TEST = {"test", "testing"}
VALIDATION = {"val", "valid", "validation"}
TRAIN = {"train", "training"}


@dataclass(frozen=True)
class Layout:
    """How the paths of a set are read.

    - A single folder on top of everything is ignored.
    - The folders ``train`` and ``test`` (or ``val``) on top, and nothing beside them, are an official split; where
      both ``test`` and ``val`` stand there, ``val`` is a part of train.
    - The folders below are the classes, in natural order; with fewer than two the set is unlabelled.
    """

    depth: int
    splits: dict[str, Split]
    classes: list[str]

    @classmethod
    def of(cls, names: Iterable[str], where: str) -> Layout:
        """Read the layout off all paths of a set, joined by ``/``; `where` names the set in messages.

        Raises:
            BenchError: images lie beside class folders.
        """
        folders = Counter(tuple(name.split("/")[:-1]) for name in names)
        depth = 0
        while all(len(folder) > depth for folder in folders) and len({folder[depth] for folder in folders}) == 1:
            depth += 1
        splits = splits_of({folder[depth] if len(folder) > depth else "" for folder in folders})
        depth += bool(splits)
        classes: Counter[str] = Counter()
        for folder, count in folders.items():
            classes[folder[depth] if len(folder) > depth else ""] += count
        if "" in classes and len(classes) > 1:
            named = printable(min(filter(None, classes), key=natural))
            raise BenchError(
                f"{where}: {classes['']} of {classes.total()} images lie beside the class folders (such as {named!r});"
                " expected all of them in class folders, or none"
            )
        return cls(depth, splits, sorted(classes, key=natural) if len(classes) > 1 else [])

    def place(self, name: str) -> tuple[int, Split | None]:
        """The label and the official split of an image, by its path."""
        parts = name.split("/")
        split = self.splits[parts[self.depth - 1]] if self.splits else None
        return (self._index[parts[self.depth]] if self.classes else NO_LABEL), split

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.classes)}


def splits_of(tops: set[str]) -> dict[str, Split]:
    """Top folder → split; empty where the top folders are no split."""
    lower = {top.lower() for top in tops}
    if not (lower <= TRAIN | TEST | VALIDATION and lower & TRAIN and lower & (TEST | VALIDATION)):
        return {}
    held_out = TEST if lower & TEST else VALIDATION
    return {top: "test" if top.lower() in held_out else "train" for top in tops}


class LaidOut(Source):
    """A user's own files: what the paths of its images mean is read off their layout."""

    dataset = False

    @cached_property
    @abstractmethod
    def names(self) -> list[str]:
        """Paths of all images, joined by ``/``, in the order in which they are read."""

    @property
    @abstractmethod
    def where(self) -> Path:
        """The folder or archive, for messages."""

    @abstractmethod
    def metadata(self) -> Iterable[tuple[str, bytes]]:
        """The files ``metadata.csv`` and ``metadata.jsonl``: path and content of each."""

    @cached_property
    def captions(self) -> dict[str, str]:
        """Path of an image → its caption; empty where there are no captions.

        Raises:
            BenchError: not every image has one.
        """
        return read_captions(self.metadata(), self.names, self.where.as_posix())

    @cached_property
    def captioned(self) -> bool:  # type: ignore[override]  # it is known once the files are read
        """Whether metadata files stand there."""
        return bool(self.captions)

    @cached_property
    def layout(self) -> Layout:
        """What the folders mean."""
        return Layout.of(self.names, self.where.as_posix())

    @property
    def classes(self) -> list[str]:
        """The class folders, in natural order."""
        return [printable(name) for name in self.layout.classes]

    def __len__(self) -> int:
        return len(self.names)

    def item(self, position: int, name: str, payload: Payload) -> Item:
        """The image of a path."""
        label, split = self.layout.place(name)
        return Item(position, printable(name), payload, label, split, caption=self.captions.get(name, ""))
