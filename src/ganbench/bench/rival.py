"""What a peer's training is to the bench."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from ganbench.bench.ours import noise_stream
from ganbench.data.batches import Stream
from ganbench.games.game import Game
from ganbench.games.optimizer import Optimizer
from ganbench.networks.network import ImageShape

READY = 8
"""Batches that are drawn before the clock starts, for «tensors ready»."""


class Rival(ABC):
    """A peer's networks, its training step as it stands, and the game that is the same to our trainer.

    Every instance has networks and optimisers of its own.
    """

    name: ClassVar[str]

    batch: int
    shape: ImageShape
    steps: int
    """Passes through its loop that make one round of ours."""

    optimizer: Optimizer
    """Its own, for our trainer."""

    def __init__(self, batch: int, shape: ImageShape, steps: int, optimizer: Optimizer) -> None:
        self.batch = batch
        self.shape = shape
        self.steps = steps
        self.optimizer = optimizer
        self._layout = torch.contiguous_format

    @property
    def images(self) -> int:
        """Real images in a round."""
        return self.batch * self.steps

    @abstractmethod
    def play(self, batches: Iterator[Tensor]) -> None:
        """One round of its own loop, on batches float32 (N, C, H, W)."""

    @abstractmethod
    def loader(self) -> Iterator[Tensor]:
        """Batches of its own loader, without end."""

    @abstractmethod
    def game(self) -> Game:
        """Its networks and losses as a game."""

    @abstractmethod
    def to_channels_last(self) -> None:
        """Move the networks, as far as they allow it; the batches follow."""
        self._layout = torch.channels_last

    def placed(self, batch: Tensor, device: torch.device | None = None) -> Tensor:
        """A batch in the layout of its networks, on a device or where it is."""
        return batch.to(device, memory_format=self._layout)

    def stream(self, device: torch.device) -> Stream:
        """Our own loader, for the same game."""
        return noise_stream(self.shape, self.batch, device)

    def ready(self, device: torch.device) -> Iterator[Tensor]:
        """A few batches on the device, over and over."""
        batches = itertools.islice(self.loader(), READY)
        return itertools.cycle([self.placed(batch, device) for batch in batches])

    def loading(self) -> Iterator[Tensor]:
        """Batches of its own loader, in the layout of its networks."""
        return (self.placed(batch) for batch in self.loader())
