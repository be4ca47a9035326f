"""Batches of two domains."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.data.batches import Batch, ImageStream, Stream
from ganbench.data.translation.domains import Domains

ANOTHER = 2**32
"""Added to the seed: the order of B where it is not that of A."""


class DomainStream(Stream):
    """An endless stream of batches: ``images`` of domain A, ``targets`` of domain B. Its position counts images of A.

    Where the domains are paired and the game wants pairs, a target is its image's partner. Otherwise A shows one half
    of its images and B the other half of its own, in different orders, so that no image's partner is ever there.

    Args:
        domains: the two, their training splits.
        pairs: whether the game wants pairs.
        batch_size: images of either domain in a batch.
        seed: of the orders.
        device: where batches are wanted.
    """

    def __init__(self, domains: Domains, pairs: bool, batch_size: int, seed: int, device: torch.device) -> None:
        images_a, images_b = domains.a.images("train"), domains.b.images("train")
        if not pairs:
            rows_a, rows_b = domains.unpaired_rows()
            images_a, images_b = images_a[rows_a], images_b[rows_b]
        self._a = ImageStream(images_a, _unlabelled(images_a), batch_size, seed, device)
        self._b = ImageStream(images_b, _unlabelled(images_b), batch_size, seed if pairs else seed + ANOTHER, device)

    @property
    def position(self) -> int:
        """Images of A drawn so far; as many of B."""
        return self._a.position

    @position.setter
    def position(self, images: int) -> None:
        self._a.position = self._b.position = images

    @property
    def share(self) -> slice:
        """The rows of each batch that are wanted, where several processes share it."""
        return self._a.share

    @share.setter
    def share(self, rows: slice) -> None:
        self._a.share = self._b.share = rows

    @property
    def resident(self) -> bool:
        """Whether both splits are on the device."""
        return self._a.resident and self._b.resident

    @property
    def moving(self) -> list[Tensor]:
        """What `draw` changes in place, and a graph must put back."""
        return [*self._a.moving, *self._b.moving]

    def prepare(self) -> None:
        """Make sure that a batch can be drawn, and count it."""
        self._a.prepare()
        self._b.prepare()

    def draw(self) -> Batch:
        """The batch that was prepared."""
        a = self._a.draw()
        return Batch(a.images, a.labels, targets=self._b.draw().images)


def _unlabelled(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.full(len(images), -1, np.int64)
