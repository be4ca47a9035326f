"""What an optimiser is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.registry import Registry


class Steps(ABC):
    """An optimiser at work on its weights.

    What it remembers are tensors that never move, so a step can be captured in a CUDA graph, saved and put back. Beside
    ``torch.optim`` it saves the bookkeeping of each call, which takes longer than the step of a small network.

    Args:
        weights: all float32.
        lr: learning rate at first.
        quantities: names of what is remembered of each weight, in its shape and memory format, 0 at first.

    Attributes:
        lr: learning rate of the next step.
    """

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, *quantities: str) -> None:
        self.weights: list[Tensor] = list(weights)
        self.lr = lr
        self.memory = {name: [torch.zeros_like(weight).detach() for weight in self.weights] for name in quantities}

    @abstractmethod
    def step(self, gradients: list[Tensor]) -> None:
        """Move every weight; each gradient has its weight's shape and memory format."""

    def tensors(self) -> dict[str, Tensor]:
        """What is remembered, by name and number of the weight."""
        return {f"{name}/{index}": tensor for name, kept in self.memory.items() for index, tensor in enumerate(kept)}


@dataclass(frozen=True)
class Optimizer(ABC):
    """How the players' weights follow their gradients. Its fields are its options."""

    lr: Annotated[float, Gt(0)]

    discriminator_lr: Annotated[float, Gt(0)] | None = field(default=None, kw_only=True)
    """Two time scales (Heusel et al. 2017): the discriminator's own learning rate."""

    decay_from: Annotated[float, Ge(0), Lt(1)] | None = field(default=None, kw_only=True)
    """Share of the training after which the rates fall linearly to 0 (Zhu et al. 2017, appendix 7.1: .5)."""

    @abstractmethod
    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
        """torch's own optimiser of one player."""

    @abstractmethod
    def steps(self, weights: Iterable[nn.Parameter], lr: float) -> Steps:
        """The same, for the trainer."""

    def lr_of(self, player: str, progress: float = 0.0) -> float:
        """The learning rate of a player; a game's discriminators are those whose names begin with the word.

        Args:
            player: its name.
            progress: share of the training that is done, in [0, 1).
        """
        lr = self.discriminator_lr if self.discriminator_lr and player.startswith("discriminator") else self.lr
        if self.decay_from is None or progress <= self.decay_from:
            return lr
        return lr * (1 - progress) / (1 - self.decay_from)


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", "ganbench.games.optimizers")
