"""The images that a task starts from: any raw set of the bench, or a random part of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ganbench.cell import raw_dir
from ganbench.data.check import find_reader
from ganbench.data.source import SOURCES, Item, Source
from ganbench.params import Translation


def open_raw(track: Translation, kind: type[Source] | None = None) -> Source:
    """The raw set that the track translation names, or so much of it as `limit` says, read as the track images does.

    Args:
        track: params.yaml's.
        kind: reads the files in another way.

    Raises:
        BenchError: unknown, its files are missing, or it makes no sense in grey.
    """
    reader = find_reader(track.dataset, "translation.dataset")
    source = (kind or SOURCES.entries()[reader])(raw_dir(track.dataset), track.prepare)
    if track.channels == 1:
        source.in_grey("translation.channels")
    return source if track.limit is None else Part(source, track.limit)


class Part(Source):
    """A random part of a raw set, drawn from all its splits alike; the seed of the split decides which."""

    def __init__(self, whole: Source, limit: int) -> None:
        super().__init__(whole.root, whole.options)
        self._whole, self._limit = whole, limit
        self.columns, self.captioned, self.attributes = whole.columns, whole.captioned, whole.attributes

    def determined(self) -> Part:
        """The same part of the determined set."""
        return Part(self._whole.determined(), self._limit)

    @property
    def classes(self) -> list[str]:
        """Those of the whole."""
        return self._whole.classes

    def __len__(self) -> int:
        return min(self._limit, len(self._whole))

    def __iter__(self) -> Iterator[Item]:
        order = np.random.default_rng([self.options.split_seed, self._limit]).permutation(len(self._whole))
        return self._whole.some(set(order[: self._limit].tolist()))
