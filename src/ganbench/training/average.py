"""A moving average of a player."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """Exponential moving average of a module's weights; its half-life is in images, whatever the batch size.

    Buffers (batch norm's statistics) are copied: they are averages already.

    Args:
        module: the player that trains.
        half_life: real images after which a weight's influence is halved.
    """

    def __init__(self, module: nn.Module, half_life: float) -> None:
        self._source = module
        self._half_life = half_life
        self.module = copy.deepcopy(module).requires_grad_(False)

    @torch.no_grad()
    def update(self, images: float) -> None:
        """Move towards the player after it has learnt from `images` more real images."""
        weight = 1 - 0.5 ** (images / self._half_life)
        torch._foreach_lerp_(list(self.module.parameters()), list(self._source.parameters()), weight)
        for mine, theirs in zip(self.module.buffers(), self._source.buffers(), strict=True):
            mine.copy_(theirs)
