"""What a raw set is to the rest of the bench: a lazy row of undecoded images with labels.

A source is one class in one module of ``ganbench.data.sources``, found by its name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import raw_dir
from ganbench.params import Prepare
from ganbench.registry import Registry

Split = Literal["train", "test"]
NO_LABEL = -1


@dataclass(frozen=True)
class Unreadable:
    """Stands in for an image that could not be taken out of its container."""

    reason: str


Picture = bytes | Path | NDArray[np.uint8] | Unreadable
"""An encoded image, the path of one, or pixels: uint8 (H, W) grey or (H, W, 3) RGB."""


@dataclass(frozen=True)
class Pair:
    """Two images that belong together; they are prepared each by itself and stand in one record, a's channels first."""

    a: Picture
    b: Picture


@dataclass(frozen=True)
class Halves:
    """Two images that belong together, side by side in one: a is its left half, b its right one."""

    whole: Picture


Payload = Picture | Pair | Halves


@dataclass(frozen=True)
class Item:
    """One image of a raw set.

    Attributes:
        position: its place in the order of the set; items may arrive in another order.
        source: its path within the raw set, or ``split/index``.
        payload: not decoded.
        label: index into the source's classes, −1 for none.
        split: the official one, None where the set has none.
        extra: values of the source's further columns, each −128 … 127.
        caption: what it shows, in words; empty where the set has no captions.
    """

    position: int
    source: str
    payload: Payload
    label: int = NO_LABEL
    split: Split | None = None
    extra: tuple[int, ...] = ()
    caption: str = ""


class Source(ABC):
    """A raw set under `root`; making one checks cheaply that its files are there.

    Args:
        root: the folder that holds the raw files, at any depth.
        options: ``images.prepare``.

    Raises:
        BenchError: files are missing, with what is missing, where it was looked for, and what to do.
    """

    dataset: ClassVar[bool] = True
    """False for a way to read any user's files, True for a dataset of that name."""
    embedded: ClassVar[bool] = False
    """It needs no files from outside."""
    torchvision: ClassVar[str | None] = None
    """The class of torchvision that downloads it."""
    columns: tuple[str, ...] = ()
    """Names of the further columns of its table."""
    captioned: bool = False
    """Its images have captions."""
    indexed: bool = True
    """Its classes, and whether it is captioned, are known without reading all of it."""
    attributes: Mapping[str, Sequence[str]] = MappingProxyType({})
    """The columns that tell what is to be seen, and that captions speak of, with the names of their values 0, 1, …"""

    def __init__(self, root: Path, options: Prepare) -> None:
        self.root = root
        self.options = options

    @classmethod
    def accept(cls, root: Path) -> None:
        """Check the files under `root` as the constructor does, whatever the options.

        Raises:
            BenchError: as the constructor.
        """
        cls(root, Prepare())

    def in_grey(self, key: str) -> Source:  # noqa: ARG002
        """The set as it is when only grey of it is seen: without captions' words and columns that speak of colours.

        Args:
            key: of params.yaml, that asks for grey.

        Raises:
            BenchError: it makes no sense in grey.
        """
        return self

    def determined(self) -> Source:
        """The set with images that follow from their outlines, where it can be drawn so: a known answer for tasks."""
        return self

    @property
    @abstractmethod
    def classes(self) -> list[str]:
        """Names of the classes; empty: unlabelled."""

    @abstractmethod
    def __len__(self) -> int:
        """How many images there are, readable or not."""

    @abstractmethod
    def __iter__(self) -> Iterator[Item]:
        """All images, one at a time, in an order that is always the same.

        Raises:
            BenchError: a container is damaged beyond single images.
        """

    def some(self, positions: Collection[int]) -> Iterator[Item]:
        """The images at some positions, in the order of the set.

        Raises:
            BenchError: as for all.
        """
        return (item for item in self if item.position in positions)


SOURCES: Registry[Source] = Registry("dataset", "ganbench.data.sources")


def advice(dataset: str, files: str) -> str:
    """How the files that a dataset needs come to where they are looked for."""
    add = f"ganbench data add {dataset}"
    first = f"`{add}` downloads them, or " if SOURCES.entries()[dataset].torchvision else ""
    return (
        f"{first}put {files} under {raw_dir(dataset).as_posix()}/, or `{add} PATH`;"
        " images laid out in another way go under another name"
    )
