"""From a raw set to the packed store."""

from __future__ import annotations

import errno
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ganbench.data.decode import Recipe, prepare_chunk
from ganbench.data.files import one_line
from ganbench.data.pack import Table, write_pixels, write_preview
from ganbench.data.pool import PATIENCE, cores, ordered_map
from ganbench.data.source import Item, Source
from ganbench.data.split import CODES, Division, divide
from ganbench.data.store import META, Meta
from ganbench.errors import BenchError
from ganbench.outputs import fresh_directory
from ganbench.params import Images, Prepare

CHUNK = 128
"""Images in a chunk, at most; the first chunks are smaller, so that slow images are soon spread over all cores."""
CHUNK_BYTES = 4 * 2**20
"""Encoded bytes in a chunk; the image that goes beyond is its last."""
EARLY = 100
"""Unreadable images from which prepare stops as soon as the limit is passed; fewer are all reported first."""


@dataclass
class Arrived:
    """What is known of the prepared images, in the order of arrival: some 200 bytes an image, the pixels on disk."""

    labels: array[int] = field(default_factory=lambda: array("i"))
    positions: array[int] = field(default_factory=lambda: array("q"))
    splits: array[int] = field(default_factory=lambda: array("b"))
    sources: list[str] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    extra: list[array[int]] = field(default_factory=list)
    unreadable: int = 0

    def add(self, item: Item, digest: bytes) -> None:
        """Note a readable image."""
        self.labels.append(item.label)
        self.positions.append(item.position)
        self.splits.append(CODES.index(item.split))
        self.sources.append(item.source)
        self.digests.append(digest)
        for column, value in zip(self.extra, item.extra, strict=True):
            column.append(value)


def prepare(source: Source, images: Images, out: Path, workers: int | None = None, patience: float = PATIENCE) -> Meta:
    """Decode, crop, resize and split a raw set, and write the packed store.

    The bytes depend on the raw set and on the dataset, resolution, channels and prepare of `images` alone. Pixels go
    through a temporary file, so memory does not grow with their number. Unreadable images are reported on stderr.

    Args:
        source: the raw set.
        images: the parameters of the track.
        out: folder of the store; what stood there is replaced, at the very end.
        workers: processes that decode; None: one a core.
        patience: seconds before they are started.

    Raises:
        BenchError: too many unreadable images, too few images, a split that would be empty.
    """
    recipe = Recipe(images.resolution, images.channels, images.prepare.filter)
    try:
        with fresh_directory(out) as folder:
            pixels = folder / "pixels"
            with pixels.open("wb") as file:
                arrived = _decode(source, recipe, images.prepare, file, workers or cores(), patience)
            meta = _pack(source, arrived, recipe, images, pixels, folder)
            pixels.unlink()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BenchError(f"{out}: {one_line(error)}; it takes twice the pixels of the store") from None
        raise
    return meta


def _decode(
    source: Source, recipe: Recipe, options: Prepare, file: IO[bytes], workers: int, patience: float
) -> Arrived:
    """Append the pixels of all readable images to `file`."""
    arrived = Arrived(extra=[array("b") for _ in source.columns])
    total = len(source)
    work = partial(_prepare_items, recipe)
    with tqdm(total=total, desc=f"prepare {source.root.name}", unit="img", disable=None) as bar:
        for items, (pixels, digests) in ordered_map(work, _chunks(source), workers, patience):
            file.write(pixels)
            for item, digest in zip(items, digests, strict=True):
                if isinstance(digest, bytes):
                    arrived.add(item, digest)
                else:
                    tqdm.write(f"unreadable: {source.root.as_posix()}/{item.source}: {digest}", file=sys.stderr)
                    arrived.unreadable += 1
            bar.update(len(items))
            if arrived.unreadable >= EARLY:
                _refuse_beyond(options.max_unreadable, arrived.unreadable, total, source)
    _refuse_beyond(options.max_unreadable, arrived.unreadable, len(arrived.sources) + arrived.unreadable, source)
    return arrived


def _refuse_beyond(limit: float, unreadable: int, total: int, source: Source) -> None:
    if unreadable > limit * total:
        raise BenchError(
            f"{source.root.as_posix()}: {unreadable} of {total} images are unreadable, more than"
            f" images.prepare.max_unreadable: {limit} allows ({int(limit * total)}); they are named above"
        )


def _prepare_items(recipe: Recipe, items: list[Item]) -> tuple[bytearray, list[bytes | str]]:
    chunk = prepare_chunk(recipe, [item.payload for item in items])
    return chunk.pixels, chunk.digests


def _chunks(source: Source) -> Iterator[list[Item]]:
    """Items in lists of 1, 2, 4, … images, bounded in number and bytes."""
    chunk: list[Item] = []
    size, most = 0, 1
    for item in source:
        chunk.append(item)
        size += len(item.payload) if isinstance(item.payload, bytes) else 0
        if len(chunk) >= most or size >= CHUNK_BYTES:
            yield chunk
            chunk, size, most = [], 0, min(2 * most, CHUNK)
    if chunk:
        yield chunk


def _pack(source: Source, arrived: Arrived, recipe: Recipe, images: Images, raw: Path, out: Path) -> Meta:
    """Write arrays, tables, description and preview."""
    division = divide(
        np.array(arrived.positions, np.int64),
        np.array(arrived.splits, np.int8),
        arrived.digests,
        images.prepare,
        source.root.as_posix(),
    )
    near_duplicates = 0
    if images.prepare.near_duplicates == "drop":
        pixels = np.memmap(raw, np.uint8, "r", shape=(len(arrived.sources), *recipe.shape))
        division, near_duplicates = _without_near_duplicates(division, pixels)
    columns = dict(zip(source.columns, arrived.extra, strict=True))
    table = Table(arrived.labels, arrived.sources, arrived.digests, columns)
    written = {}
    for split, rows in division.rows.items():
        written[split] = write_pixels(raw, rows, recipe.shape, out / f"{split}.npy")
        table.write(rows, out / f"{split}.parquet")
    meta = Meta(
        dataset=images.dataset,
        resolution=recipe.resolution,
        channels=recipe.channels,
        filter=recipe.filter,
        classes=source.classes,
        train=len(division.rows["train"]),
        test=len(division.rows["test"]),
        unreadable=arrived.unreadable,
        duplicates_dropped=division.duplicates,
        mean=written["train"].mean,
        std=written["train"].std,
        sha256={split: statistics.sha256 for split, statistics in written.items()},
        near_duplicates_dropped=near_duplicates,
    )
    meta.write(out / META)
    write_preview(out, meta)
    return meta


def _without_near_duplicates(division: Division, pixels: NDArray[np.uint8]) -> tuple[Division, int]:
    """Leave out of train what looks like a held-out image or an earlier one of train; and how many these were."""
    from ganbench.data.near_duplicates import codes, repeats

    held_out, train = division.rows["test"], division.rows["train"]
    rows = np.concatenate([held_out, train])
    again = repeats(codes(pixels, rows))[len(held_out) :]
    return Division({"train": train[~again], "test": held_out}, division.duplicates), int(again.sum())
