"""Stacked MNIST: three digits in one image, red, green and blue (Metz et al. 2017; Srivastava et al. 2017)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar, Never

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import SOURCES, Item, Split
from ganbench.data.sources.mnist import CHUNK, Mnist
from ganbench.errors import BenchError
from ganbench.params import FILE

TRAIN_STACKS, TEST_STACKS = 128_000, 26_000
"""Training images, and judged ones, of Lin et al. 2018, "PacGAN", section 4.2, who draw digits from both splits."""
SEED = 2018
COLOURS = ("red", "green", "blue")


@SOURCES.register("stacked_mnist")
class StackedMnist(Mnist):
    """28×28 digits of MNIST, three at random stacked as red, green and blue: 1,000 combinations to be covered.

    The stacks of train are made of its official training digits, those of test of its official test digits. The raw
    files are those of MNIST. There are neither labels nor captions: the digits are the attributes.
    """

    dataset_name = "stacked_mnist"
    hand = None
    columns = COLOURS
    attributes: Mapping[str, tuple[str, ...]] = dict.fromkeys(COLOURS, Mnist.names)
    counts: ClassVar[dict[Split, int]] = {"train": TRAIN_STACKS, "test": TEST_STACKS}
    """Stacks of each split."""

    def in_grey(self, key: str) -> Never:
        """Refused: grey mixes the three digits.

        Raises:
            BenchError: always.
        """
        raise BenchError(
            f"{FILE}: {key}: 1: the digits of {self.dataset_name} are told apart by their colours; allowed: 3"
        )

    @property
    def classes(self) -> list[str]:
        """None: a thousand combinations are no task for the judge."""
        return []

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Item]:
        return self.some(range(len(self)))

    def some(self, positions: Collection[int]) -> Iterator[Item]:
        """Only what is asked for is stacked; the digits of one split at a time are in memory."""
        first = 0
        for split, count in self.counts.items():
            places = np.array([place for place in range(count) if first + place in positions], np.int64)
            if len(places):
                yield from self._stacks(split, first, places)
            first += count

    def _stacks(self, split: Split, first: int, places: NDArray[np.int64]) -> Iterator[Item]:
        chunks = list(self.chunks(split))
        if not chunks:
            raise BenchError(f"{self.root}: no {split} digits to be stacked; expected at least one")
        images, labels = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
        del chunks
        chosen = chosen_digits(self.counts[split], len(images), split)[places]
        for start in range(0, len(places), CHUNK):
            rows = chosen[start : start + CHUNK]
            stacks, digits = np.moveaxis(images[rows], 1, -1), labels[rows].tolist()
            for place, stack, values in zip(places[start : start + CHUNK].tolist(), stacks, digits, strict=True):
                image = np.ascontiguousarray(stack)
                yield Item(first + place, f"{split}/{place:06}", image, split=split, extra=tuple(values))


def chosen_digits(count: int, digits: int, split: Split) -> NDArray[np.int64]:
    """Which of so many digits are red, green and blue in the stacks of a split, (count, 3).

    A pure function of split and place. Of NumPy's random numbers only the raw stream of PCG64 is taken, which all its
    versions keep.
    """
    raw = np.random.PCG64([SEED, ("train", "test").index(split)]).random_raw(3 * count).reshape(count, 3)
    return (raw >> np.uint64(32)).astype(np.int64) % digits
