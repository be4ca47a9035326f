"""What an optimiser is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import torch
from annotated_types import Gt
from torch import nn

from ganbench.registry import Registry


@dataclass(frozen=True)
class Optimizer(ABC):
    """How the players' weights follow their gradients. Its fields are its options."""

    lr: Annotated[float, Gt(0)]

    discriminator_lr: Annotated[float, Gt(0)] | None = field(default=None, kw_only=True)
    """Two time scales (Heusel et al. 2017): the discriminator's own learning rate."""

    @abstractmethod
    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
        """The optimiser of one player."""

    def lr_of(self, player: str) -> float:
        """The learning rate of a player."""
        return self.discriminator_lr if self.discriminator_lr and player == "discriminator" else self.lr


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", "ganbench.games.optimizers")
