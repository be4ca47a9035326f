"""The packed store: one uint8 array and one table a split."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Split
from ganbench.errors import BenchError
from ganbench.outputs import write_json
from ganbench.params import unknown

if TYPE_CHECKING:
    import pandas as pd

META = "meta.json"
CAPTION, HELD_OUT = "caption", "held_out"
"""Columns of the tables."""


@dataclass(frozen=True)
class Meta:
    """What is known of a store.

    Attributes:
        dataset: name in params.yaml.
        resolution: H = W, in pixels.
        channels: C; 1 grey, 3 RGB.
        filter: Pillow's resampling filter.
        classes: names, by label; empty: unlabelled.
        train: images of that split.
        test: images of that split.
        unreadable: raw images that were skipped.
        duplicates_dropped: training images equal to a held-out one, left out.
        near_duplicates_dropped: training images left out for their near-duplicates, where prepare looked for them.
        words: the vocabulary of the training captions, sorted; empty: no captions.
        attributes: the columns that tell what is to be seen, and that captions speak of, with the names of their values
            0, 1, …; empty: none are known.
        held_out: held-out images whose combination of attributes no training image has: the column ``held_out`` is 1.
        mean: per channel over the training pixels, 0 … 255.
        std: likewise, the standard deviation.
        sha256: of the pixel bytes, by split.
    """

    dataset: str
    resolution: int
    channels: int
    filter: str
    classes: list[str]
    train: int
    test: int
    unreadable: int
    duplicates_dropped: int
    mean: list[float]
    std: list[float]
    sha256: dict[str, str]
    near_duplicates_dropped: int = 0
    words: list[str] = field(default_factory=list)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    held_out: int = 0

    def write(self, path: Path) -> None:
        """As JSON."""
        write_json(path, dataclasses.asdict(self))


@dataclass(frozen=True)
class Store:
    """A packed store on disk. The rows of each split stand in a random order: any first n are a random sample."""

    root: Path
    meta: Meta

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open the store in a folder.

        Raises:
            BenchError: there is none.
        """
        path = root / META
        try:
            return cls(root, Meta(**json.loads(path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            raise BenchError(f"{path}: no such file; `dvc repro prepare` makes the packed store") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{path}: not the description of a packed store ({error}); `dvc repro prepare`") from None

    def images(self, split: Split) -> NDArray[np.uint8]:
        """A read-only memory map: uint8 (N, H, W, C).

        Raises:
            BenchError: the array is missing or not of the shape that the description says.
        """
        path = self.root / f"{split}.npy"
        meta = self.meta
        expected = (self._count(split), meta.resolution, meta.resolution, meta.channels)
        try:
            images = np.load(path, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise BenchError(f"{path}: not the array of a packed store: {error}; run `dvc repro prepare`") from None
        if images.shape != expected or images.dtype != np.uint8:
            raise BenchError(f"{path}: {images.dtype} {images.shape}; {META} says uint8 {expected}")
        return cast("NDArray[np.uint8]", images)

    def labels(self, split: Split) -> NDArray[np.int64]:
        """Labels, int64 (N,); −1 where there is none."""
        return self._read(split, ["label"])["label"].to_numpy(np.int64)

    def captions(self, split: Split) -> list[str]:
        """A caption an image; none at all where the data set has no captions."""
        return self._read(split, [CAPTION])[CAPTION].tolist() if self.meta.words else []

    def attribute(self, split: Split, name: str) -> NDArray[np.int8]:
        """The value of an attribute of each image, int8 (N,): an index into ``meta.attributes[name]``.

        ``held_out`` says of each image whether its combination of attributes is missing in train, 1 or 0.

        Raises:
            BenchError: the data set has no such attribute.
        """
        if name == HELD_OUT and not self.meta.held_out:
            return np.zeros(self._count(split), np.int8)
        if name not in (*self.meta.attributes, HELD_OUT):
            raise BenchError(f"{self.root / META}: attributes: {unknown('attribute', name, self.meta.attributes)}")
        return self._read(split, [name])[name].to_numpy(np.int8)

    def table(self, split: Split) -> pd.DataFrame:
        """One row an image: ``label``, ``source``, ``sha256`` (of the pixels, hexadecimal), the source's own.

        Where the data set has captions, the last column is ``caption``.
        """
        return self._read(split, None)

    def _count(self, split: Split) -> int:
        return self.meta.train if split == "train" else self.meta.test

    def _read(self, split: Split, columns: list[str] | None) -> pd.DataFrame:
        import pandas as pd

        path = self.root / f"{split}.parquet"
        try:
            table = pd.read_parquet(path, columns=columns)
        except (OSError, ValueError) as error:
            raise BenchError(f"{path}: not the table of a packed store: {error}; run `dvc repro prepare`") from None
        if len(table) != self._count(split):
            raise BenchError(f"{path}: {len(table)} rows; {META} says {self._count(split)}")
        return table
