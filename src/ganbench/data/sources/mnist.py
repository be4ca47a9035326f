"""MNIST: the four IDX files, gzipped or not (LeCun, Cortes and Burges 1998)."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from ganbench.data.files import find, one_line
from ganbench.data.source import SOURCES, Item, Source, Split, advice
from ganbench.data.strokes import ATTRIBUTES, Hand, caption
from ganbench.errors import BenchError
from ganbench.params import Prepare

PREFIX: dict[Split, str] = {"train": "train", "test": "t10k"}
IMAGES, LABELS = 3, 1
"""Dimensions of the two kinds of files."""
CHUNK = 200
"""Images read and measured at once: as many as stay in a core's cache."""


@SOURCES.register("mnist")
class Mnist(Source):
    """28×28 grey digits with their official split.

    Captions say what `ganbench.data.strokes` measures on the image: «a thick seven, leaning left».
    """

    dataset_name = "mnist"
    torchvision = "MNIST"
    names = tuple(str(digit) for digit in range(10))
    hand: ClassVar[Hand | None] = Hand(
        widths=(2.76, 2.48, 2.62, 2.44, 2.41, 2.29, 2.54, 2.46, 2.50, 2.37),
        slants=(0.21, 0.21, 0.10, 0.05, 0.05, 0.20, 0.03, 0.03, 0.17, 0.01),
        width_margin=0.24,
        slant_margin=0.114,
    )
    """Medians of the 60,000 training images; margins that leave a third of them in the middle. None: no digits."""

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        if self.hand:
            self.captioned, self.columns, self.attributes = True, tuple(ATTRIBUTES), ATTRIBUTES
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
            place = 0
            for chunk, codes in self.chunks(split):
                for image, label, extra, text in zip(chunk, codes, *self._told(chunk, codes), strict=True):
                    yield Item(position, f"{split}/{place:05}", image, int(label), split, extra, text)
                    position, place = position + 1, place + 1

    def chunks(self, split: Split) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
        """The images (n, H, W) and labels (n,) of a split, `CHUNK` at a time.

        Raises:
            BenchError: a file is damaged, they don't fit each other, or a label is none of the names.
        """
        images, labels = self._files[split, IMAGES], self._files[split, LABELS]
        with _open_idx(images, IMAGES) as (shape, pixels), _open_idx(labels, LABELS) as (counted, codes):
            if counted[0] != shape[0]:
                raise BenchError(f"{labels}: {counted[0]} labels for the {shape[0]} images of {images.name}")
            for start in range(0, shape[0], CHUNK):
                count = min(CHUNK, shape[0] - start)
                taken = np.frombuffer(_take(pixels, count * shape[1] * shape[2], images), np.uint8)
                names = np.frombuffer(_take(codes, count, labels), np.uint8)
                for index in np.flatnonzero(names >= len(self.names))[:1]:
                    raise BenchError(
                        f"{labels}: label {names[index]} at {start + index}; allowed: 0 … {len(self.names) - 1}"
                    )
                yield taken.reshape(count, *shape[1:]), names

    def _told(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[list[tuple[int, ...]], list[str]]:
        """Attributes and caption of each image."""
        if self.hand is None:
            return [()] * len(images), [""] * len(images)
        values = [tuple(row) for row in self.hand.attributes(images, labels).tolist()]
        return values, [caption(row) for row in values]


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
