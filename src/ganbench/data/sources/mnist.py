"""MNIST: the four IDX files, gzipped or not (LeCun, Cortes and Burges 1998)."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from ganbench.data.files import find, one_line
from ganbench.data.source import SOURCES, Item, Source, Split, advice
from ganbench.errors import BenchError
from ganbench.params import Prepare

PREFIX: dict[Split, str] = {"train": "train", "test": "t10k"}
IMAGES, LABELS = 3, 1
"""Dimensions of the two kinds of files."""


@SOURCES.register("mnist")
class Mnist(Source):
    """28×28 grey digits with their official split."""

    dataset_name = "mnist"
    torchvision = "MNIST"
    names = tuple(str(digit) for digit in range(10))

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        self._files = {(split, dims): self._find(split, dims) for split in PREFIX for dims in (IMAGES, LABELS)}

    def _find(self, split: Split, dims: int) -> Path:
        kind = "images" if dims == IMAGES else "labels"
        name = f"{PREFIX[split]}-{kind}-idx{dims}-ubyte"
        path = next(find(self.root, name, f"{name}.gz", f"{PREFIX[split]}-{kind}.idx{dims}-ubyte"), None)
        if path is None:
            files = "the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-…"
            raise BenchError(f"{self.root}: found no {name}(.gz); {advice(self.dataset_name, files)}")
        return path

    @property
    def classes(self) -> list[str]:
        """The ten classes."""
        return list(self.names)

    def __len__(self) -> int:
        total = 0
        for split in PREFIX:
            with _open_idx(self._files[split, IMAGES], IMAGES) as (shape, _):
                total += shape[0]
        return total

    def __iter__(self) -> Iterator[Item]:
        position = 0
        for split in PREFIX:
            images, labels = self._files[split, IMAGES], self._files[split, LABELS]
            with _open_idx(images, IMAGES) as (shape, pixels), _open_idx(labels, LABELS) as (counted, codes):
                if counted[0] != shape[0]:
                    raise BenchError(f"{labels}: {counted[0]} labels for the {shape[0]} images of {images.name}")
                for index in range(shape[0]):
                    image = np.frombuffer(_take(pixels, shape[1] * shape[2], images), np.uint8).reshape(shape[1:])
                    label = _take(codes, 1, labels)[0]
                    if label >= len(self.names):
                        raise BenchError(f"{labels}: label {label} at {index}; allowed: 0 … {len(self.names) - 1}")
                    yield Item(position, f"{split}/{index:05}", image, label, split)
                    position += 1


@contextmanager
def _open_idx(path: Path, dims: int) -> Iterator[tuple[tuple[int, ...], BinaryIO]]:
    """The shape that an IDX file of unsigned bytes states, and the file at its first value."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as opened:
        file = cast("BinaryIO", opened)
        magic = _take(file, 4, path)
        if magic != bytes([0, 0, 8, dims]):
            raise BenchError(
                f"{path}: not an IDX file of unsigned bytes with {dims} dimensions: it begins with {magic.hex()},"
                f" expected 000008{dims:02}"
            )
        yield struct.unpack(f">{dims}I", _take(file, 4 * dims, path)), file


def _take(file: BinaryIO, count: int, path: Path) -> bytes:
    """Exactly `count` bytes.

    Raises:
        BenchError: the file ends before, or is damaged.
    """
    try:
        taken = file.read(count)
    except (EOFError, OSError, zlib.error) as error:
        raise BenchError(f"{path}: damaged or truncated: {one_line(error)}") from None
    if len(taken) != count:
        raise BenchError(f"{path}: truncated: {len(taken)} bytes where {count} were expected")
    return taken
