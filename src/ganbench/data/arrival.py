"""All images of a raw set, prepared one after the other into one raw file of pixels."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ganbench.data.decode import Recipe, prepare_chunk
from ganbench.data.pool import PATIENCE, cores, ordered_map
from ganbench.data.source import NO_LABEL, Item, Source
from ganbench.data.split import CODES
from ganbench.errors import BenchError
from ganbench.params import Prepare

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
    captions: list[str] = field(default_factory=list)
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
        self.captions.append(item.caption)


def decode_all(
    source: Source,
    recipe: Recipe,
    options: Prepare,
    out: Path,
    track: str,
    workers: int | None = None,
    patience: float = PATIENCE,
) -> Arrived:
    """Write the pixels of all readable images to a file, record after record, and note the rest on stderr.

    Args:
        source: the raw set.
        recipe: what its images become.
        options: the track's ``prepare``.
        out: the file.
        track: for messages.
        workers: processes that decode; None: one a core.
        patience: seconds before they are started.

    Raises:
        BenchError: too many unreadable images, or a label that is none of the source's.
    """
    arrived = Arrived(extra=[array("b") for _ in source.columns])
    total, classes = len(source), len(source.classes)
    work = partial(_prepare_items, recipe)
    with out.open("wb") as file, tqdm(total=total, desc=f"prepare {source.root.name}", unit="img", disable=None) as bar:
        for items, (pixels, digests) in ordered_map(work, _chunks(source), workers or cores(), patience):
            file.write(pixels)
            for item, digest in zip(items, digests, strict=True):
                if not NO_LABEL <= item.label < classes:
                    known = f"{NO_LABEL} (none) … {classes - 1}"
                    raise BenchError(f"{source.root.as_posix()}/{item.source}: label {item.label}; allowed: {known}")
                if isinstance(digest, bytes):
                    arrived.add(item, digest)
                else:
                    tqdm.write(f"unreadable: {source.root.as_posix()}/{item.source}: {digest}", file=sys.stderr)
                    arrived.unreadable += 1
            bar.update(len(items))
            if arrived.unreadable >= EARLY:
                _refuse_beyond(options.max_unreadable, arrived.unreadable, total, source, track)
    _refuse_beyond(options.max_unreadable, arrived.unreadable, len(arrived.sources) + arrived.unreadable, source, track)
    return arrived


def _refuse_beyond(limit: float, unreadable: int, total: int, source: Source, track: str) -> None:
    if unreadable > limit * total:
        raise BenchError(
            f"{source.root.as_posix()}: {unreadable} of {total} images are unreadable, more than"
            f" {track}.prepare.max_unreadable: {limit} allows ({int(limit * total)}); they are named above"
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
