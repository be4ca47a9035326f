"""Writes the packed store: rows of a raw pixel file, picked in a given order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import CAPTION, Meta, Store
from ganbench.pictures import grid, scale_for

BLOCK = 4 * 2**20
"""Bytes of pixels held at once."""
ROWS = 16_384
"""Rows of a table held at once."""
PREVIEW = 10
"""Rows and columns of the preview."""


@dataclass(frozen=True)
class Statistics:
    """Of the pixels of a split, per channel: mean and standard deviation in 0 … 255, and the SHA-256 of all bytes."""

    mean: list[float]
    std: list[float]
    sha256: str


def write_pixels(raw: Path, rows: NDArray[np.int64], shape: tuple[int, int, int], out: Path) -> Statistics:
    """Copy images of a raw file of uint8 (H, W, C) records into an ``.npy`` file (N, H, W, C), block by block."""
    return write_blocks(read_blocks(raw, rows, shape), len(rows), shape, out)


def write_blocks(blocks: Iterable[NDArray[np.uint8]], count: int, shape: tuple[int, int, int], out: Path) -> Statistics:
    """Write `count` images, which come in blocks uint8 (n, H, W, C), into an ``.npy`` file (count, H, W, C)."""
    digest = hashlib.sha256()
    counts = np.zeros((shape[2], 256), np.int64)
    with out.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(block.data)
            digest.update(block.data)
            for channel, found in enumerate(counts):
                found += np.bincount(block[..., channel].ravel(), minlength=256)
    values = np.arange(256)
    mean = counts @ values / counts.sum(axis=1)
    std = np.sqrt((counts * (values - mean[:, None]) ** 2).sum(axis=1) / counts.sum(axis=1))
    return Statistics(mean.tolist(), std.tolist(), digest.hexdigest())


def read_blocks(raw: Path, rows: NDArray[np.int64], shape: tuple[int, int, int]) -> Iterator[NDArray[np.uint8]]:
    """Chosen records of a raw file of uint8 (H, W, C), in blocks (n, H, W, C).

    Plain reads, no memory map: the pages of a map would count as this process's memory.
    """
    size = int(np.prod(shape))
    most = max(1, BLOCK // size)
    with raw.open("rb", buffering=0) as file:
        for start in range(0, len(rows), most):
            picked = rows[start : start + most]
            block = np.empty((len(picked), *shape), np.uint8)
            for index, row in enumerate(picked):
                file.seek(int(row) * size)
                if file.readinto(block[index].data) != size:
                    raise OSError(f"{raw}: ends before row {row}")
            yield block


@dataclass(frozen=True)
class Table:
    """What is known of each image, by row of the raw pixel file."""

    labels: Sequence[int]
    sources: Sequence[str]
    digests: Sequence[bytes]
    columns: Mapping[str, Sequence[int]]
    captions: Sequence[str] | None = None

    def write(self, rows: NDArray[np.int64], out: Path) -> None:
        """The chosen rows as Parquet: label int32, source, sha256 (hexadecimal), further columns int8, caption."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        fields = [("label", pa.int32()), ("source", pa.string()), ("sha256", pa.string())]
        fields += [(name, pa.int8()) for name in self.columns]
        schema = pa.schema(fields + ([] if self.captions is None else [(CAPTION, pa.string())]))
        with pq.ParquetWriter(out, schema) as writer:
            for start in range(0, len(rows), ROWS):
                picked = rows[start : start + ROWS].tolist()
                values = [
                    [self.labels[row] for row in picked],
                    [self.sources[row] for row in picked],
                    [self.digests[row].hex() for row in picked],
                    *([column[row] for row in picked] for column in self.columns.values()),
                ]
                if self.captions is not None:
                    values.append([self.captions[row] for row in picked])
                writer.write_table(pa.table(values, schema=schema))


def write_preview(root: Path, meta: Meta) -> None:
    """``preview.png``: the first ten training images of each of the first ten classes, a row a class.

    An unlabelled set gives its first hundred images. White where there are fewer.
    """
    store = Store(root, meta)
    labels = store.labels("train")
    if meta.classes:
        rows = [np.flatnonzero(labels == label)[:PREVIEW] for label in range(min(PREVIEW, len(meta.classes)))]
    else:
        first = np.arange(min(PREVIEW**2, meta.train))
        rows = np.split(first, range(PREVIEW, len(first), PREVIEW))
    sheet = np.full((len(rows), PREVIEW, meta.resolution, meta.resolution, meta.channels), 255, np.uint8)
    images = store.images("train")
    for index, row in enumerate(rows):
        sheet[index, : len(row)] = images[row]
    flat = sheet.reshape(-1, *sheet.shape[2:])
    grid(flat, PREVIEW, scale=scale_for(meta.resolution)).save(root / "preview.png")
