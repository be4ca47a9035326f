"""A moving average of a player."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average of a module's weights; its half-life is in images, whatever the batch size.

    Buffers (batch norm's statistics) are copied: they are averages already.

    Args:
        module: the player that trains.
        half_life: real images after which a weight's influence is halved.
    """

    def __init__(self, module: nn.Module, half_life: float) -> None:
        self._half_life = half_life
        self.module = copy.deepcopy(module).requires_grad_(False)
        self._mine, self._theirs = _weights(self.module), _weights(module)
        self._my_buffers, self._their_buffers = list(self.module.buffers()), list(module.buffers())

    @torch.no_grad()
    def update(self, images: float) -> None:
        """Move towards the player after it has learnt from `images` more real images."""
        torch._foreach_lerp_(self._mine, self._theirs, 1 - 0.5 ** (images / self._half_life))
        if self._my_buffers:
            torch._foreach_copy_(self._my_buffers, self._their_buffers)


def _weights(module: nn.Module) -> list[Tensor]:
    return list(module.parameters())
