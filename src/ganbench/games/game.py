"""What a game is to the trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch

Noise = Mapping[str, Tensor]
Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Move:
    """One player's turn: an optimiser step of the players that it trains."""

    trains: tuple[str, ...]
    """The players whose weights this move changes; the others are frozen."""

    loss: Callable[[Batch, Noise], Losses]
    """Named terms, each a float32 scalar; the first is minimised, the others are recorded."""

    repeats: int = 1
    """Steps in a row, each with a new batch and new noise."""

    every: int = 1
    """Only every n-th round."""

    counts: bool = True
    """Its real images count towards the budget; a move that does not count sees the previous real batch again."""

    after: Callable[[], None] | None = None
    """Called after each optimiser step: projections of the weights."""


@dataclass(frozen=True)
class Averaged:
    """Of which player a moving average is kept, and how."""

    half_life: float
    """In images."""

    inputs: Callable[[Batch, Noise], tuple[Tensor, ...]]
    """What the player is called with in a move: batch norm's statistics under the averaged weights are taken on it."""


@dataclass(frozen=True)
class Game:
    """Players by name, and the round that is played until the budget is spent."""

    players: nn.ModuleDict
    round: tuple[Move, ...]
    noise: Callable[[int, torch.device], Noise]
    """Fresh noise for a batch of a given size, from torch's default random state."""

    average: Mapping[str, Averaged]
    """Players whose moving average is kept."""

    memory: nn.Module | None = None
    """What losses remember from step to step and no optimiser trains, as buffers that never move: pools of images."""

    def images_per_round(self, batch_size: int) -> float:
        """Real images that count towards the budget, on average over rounds."""
        return sum(batch_size * move.repeats / move.every for move in self.round if move.counts)
