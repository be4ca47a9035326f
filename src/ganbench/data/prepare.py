"""From a raw set to the packed store."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganbench.data.arrival import Arrived, decode_all
from ganbench.data.captions import vocabulary
from ganbench.data.decode import Recipe
from ganbench.data.files import one_line
from ganbench.data.pack import Table, write_pixels, write_preview
from ganbench.data.pool import PATIENCE
from ganbench.data.source import Source
from ganbench.data.split import Division, divide
from ganbench.data.store import HELD_OUT, META, Meta
from ganbench.errors import BenchError
from ganbench.outputs import fresh_directory
from ganbench.params import Images, Prepare

TRACK = "images"


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
        BenchError: too many unreadable images, too few images, a split that would be empty, a set that makes no sense
            in grey.
    """
    recipe = Recipe(images.resolution, images.channels, images.prepare.filter)
    source = source.in_grey("images.channels") if images.channels == 1 else source
    with whole_folder(out) as folder:
        pixels = folder / "pixels"
        arrived = decode_all(source, recipe, images.prepare, pixels, TRACK, workers, patience)
        meta = _pack(source, arrived, recipe, images, pixels, folder)
        pixels.unlink()
    return meta


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """As `fresh_directory`; a full disk is said in one line."""
    try:
        with fresh_directory(out) as folder:
            yield folder
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BenchError(f"{out}: {one_line(error)}; it takes twice the pixels of the store") from None
        raise


def _pack(source: Source, arrived: Arrived, recipe: Recipe, images: Images, raw: Path, out: Path) -> Meta:
    """Write arrays, tables, description and preview."""
    division, near_duplicates = divided(arrived, source, recipe, images.prepare, raw, TRACK)
    columns = dict(zip(source.columns, arrived.extra, strict=True))
    captions = arrived.captions if source.captioned else None
    table = Table(arrived.labels, arrived.sources, arrived.digests, columns, captions)
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
        words=vocabulary(captions[row] for row in division.rows["train"]) if captions else [],
        attributes={name: list(values) for name, values in source.attributes.items()},
        held_out=sum(columns[HELD_OUT][row] for row in division.rows["test"]) if HELD_OUT in columns else 0,
    )
    meta.write(out / META)
    write_preview(out, meta)
    return meta


def divided(
    arrived: Arrived, source: Source, recipe: Recipe, options: Prepare, raw: Path, track: str
) -> tuple[Division, int]:
    """The rows of the raw file for each split, and how many were left out as near-duplicates.

    Raises:
        BenchError: too few images, or a split that would be empty.
    """
    positions, splits = np.array(arrived.positions, np.int64), np.array(arrived.splits, np.int8)
    division = divide(positions, splits, arrived.digests, options, source.root.as_posix(), track)
    if options.near_duplicates == "keep":
        return division, 0
    pixels = np.memmap(raw, np.uint8, "r", shape=(len(arrived.sources), *recipe.shape))
    return _without_near_duplicates(division, pixels)


def _without_near_duplicates(division: Division, pixels: NDArray[np.uint8]) -> tuple[Division, int]:
    """Leave out of train what looks like a held-out image or an earlier one of train; and how many these were."""
    from ganbench.data.near_duplicates import codes, repeats

    held_out, train = division.rows["test"], division.rows["train"]
    rows = np.concatenate([held_out, train])
    again = repeats(codes(pixels, rows))[len(held_out) :]
    return Division({"train": train[~again], "test": held_out}, division.duplicates), int(again.sum())
