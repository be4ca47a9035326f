"""Which images are held out, and in which order both splits stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Split
from ganbench.errors import BenchError
from ganbench.params import FILE, Prepare

CODES: tuple[Split | None, ...] = (None, "train", "test")
FEWEST = 2


@dataclass(frozen=True)
class Division:
    """Rows of the two splits, in their order, and how many images of train were dropped as equal to a held-out one."""

    rows: dict[Split, NDArray[np.int64]]
    duplicates: int


def divide(
    positions: NDArray[np.int64],
    official: NDArray[np.int8],
    digests: Sequence[bytes],
    options: Prepare,
    where: str,
    track: str,
) -> Division:
    """Permute the images with the seed, then hold out the official test images, or else a share.

    Train keeps no image whose prepared pixels equal those of a held-out one. Neither the order of arrival nor the
    number of processes matters.

    Args:
        positions: (N,) places in the raw set, each once.
        official: (N,) index into `CODES`.
        digests: N hashes of the prepared pixels.
        options: the track's ``prepare``.
        where: the raw set, for messages.
        track: likewise.

    Raises:
        BenchError: fewer than two images, or a split would be empty.
    """
    count = len(positions)
    if count < FEWEST:
        raise BenchError(f"{where}: {count} readable images; at least {FEWEST} are needed")
    order = np.argsort(positions)[np.random.default_rng(options.split_seed).permutation(count)]
    if official.any():
        held_out = official[order] == CODES.index("test")
    else:
        held_out = np.arange(count) < round(count * options.test_share)
    test, train = order[held_out], order[~held_out]
    for split, rows in (("train", train), ("test", test)):
        if not len(rows):
            cause = "its own split" if official.any() else f"{track}.prepare.test_share: {options.test_share} in {FILE}"
            raise BenchError(f"{where}: {cause} leaves none of the {count} images for {split}")
    seen = {digests[row] for row in test}
    kept = np.array([digests[row] not in seen for row in train], bool)
    if not kept.any():
        raise BenchError(f"{where}: all {len(train)} images for train equal a held-out one; at least one must differ")
    return Division({"train": train[kept], "test": test}, int((~kept).sum()))
