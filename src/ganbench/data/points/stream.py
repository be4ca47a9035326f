"""Batches of points for several seeds side by side; a seed's draws do not depend on which others stand beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.data.batches import Batch, Stream
from ganbench.data.points.source import PointSource

BLOCK = 64
"""Batches that are drawn at once."""

DATA, ORDER, LATENT, LOSS, EVALUATION = range(5)
"""What draws are for: purposes of the same seed do not share random numbers."""


class Blocks:
    """Batches that are a pure function of (seed, purpose, position), drawn a block at a time.

    Args:
        draw: (count, generator) → float (count, …).
        size: rows in a batch.
        seeds: one row of the result a seed.
        purpose: of the draws.
        device: where batches are wanted.
    """

    def __init__(
        self,
        draw: Callable[[int, np.random.Generator], NDArray[np.floating]],
        size: int,
        seeds: Sequence[int],
        purpose: int,
        device: torch.device,
    ) -> None:
        self._draw = draw
        self._size = size
        self._seeds = seeds
        self._purpose = purpose
        self._device = device
        self._number = -1
        self._block: tuple[Tensor, ...] = ()

    def at(self, position: int) -> Tensor:
        """The batch at a position, float32 (S, size, …)."""
        number, within = divmod(position, BLOCK)
        if number != self._number:
            rows = [self._of(seed, number) for seed in self._seeds]
            self._block = torch.from_numpy(np.stack(rows, axis=1)).to(self._device).unbind()
            self._number = number
        return self._block[within]

    def _of(self, seed: int, number: int) -> NDArray[np.float32]:
        drawn = self._draw(BLOCK * self._size, np.random.default_rng([seed, self._purpose, number]))
        return np.asarray(drawn, np.float32).reshape(BLOCK, self._size, *drawn.shape[1:])


class PointStream(Stream):
    """An endless stream of batches: ``images`` holds points, float32 (S, N, dim).

    Args:
        source: of the points.
        batch_size: points in a batch of one seed.
        seeds: of the cells that train side by side.
        device: where batches are wanted.
        pool: every seed draws so many points once and then shuffles them epoch by epoch; None: every batch is new.
    """

    def __init__(
        self, source: PointSource, batch_size: int, seeds: Sequence[int], device: torch.device, pool: int | None = None
    ) -> None:
        self.position = 0
        self._seeds = seeds
        self._size = batch_size
        self._device = device
        self._fresh = Blocks(source.draw, batch_size, seeds, DATA, device)
        self._pools: Tensor | None = None
        self._epoch = -1
        self._orders: tuple[Tensor, ...] = ()
        if pool is not None:
            pools = [source.draw(pool, np.random.default_rng([seed, DATA])) for seed in seeds]
            self._pools = torch.from_numpy(np.stack(pools).astype(np.float32)).to(device)

    def next(self) -> Batch:
        """The next batch; points have no labels."""
        points = self._fresh.at(self.position) if self._pools is None else self._shuffled(self._pools)
        self.position += 1
        return Batch(points, torch.full(points.shape[:2], -1))

    def _shuffled(self, pools: Tensor) -> Tensor:
        """Every epoch is a permutation of the pool; its remainder below a batch is left out."""
        epoch, within = divmod(self.position, pools.shape[1] // self._size)
        if epoch != self._epoch:
            orders = [np.random.default_rng([seed, ORDER, epoch]).permutation(pools.shape[1]) for seed in self._seeds]
            rows = torch.from_numpy(np.stack(orders)).to(self._device)
            shuffled = torch.take_along_dim(pools, rows[..., None], dim=1)
            self._orders = torch.split(shuffled, self._size, dim=1)
            self._epoch = epoch
        return self._orders[within]
