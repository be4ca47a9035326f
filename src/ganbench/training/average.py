"""A moving average of a player."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from ganbench.games.side_by_side import Stacked

Inputs = tuple[Tensor, ...]


class Average:
    """Exponential moving average of a module's weights; its half-life is in images, whatever the batch size.

    Buffers are copied. Batch norm's statistics among them are those of the activations under the weights of the player,
    not of the average: `settled` takes them anew.

    Args:
        module: the player that trains.
        half_life: real images after which a weight's influence is halved.
    """

    def __init__(self, module: nn.Module, half_life: float) -> None:
        self._half_life = half_life
        self.module: nn.Module = copy.deepcopy(module).requires_grad_(False)
        self._mine, self._theirs = _weights(self.module), _weights(module)
        self._my_buffers, self._their_buffers = list(self.module.buffers()), list(module.buffers())

    @torch.no_grad()
    def update(self, images: float) -> None:
        """Move towards the player after it has learnt from `images` more real images."""
        torch._foreach_lerp_(self._mine, self._theirs, 1 - 0.5 ** (images / self._half_life))
        if self._my_buffers:
            torch._foreach_copy_(self._my_buffers, self._their_buffers)

    @property
    def unsettled(self) -> bool:
        """Whether there are statistics of batch norm that are not its own."""
        module = self.module.template if isinstance(self.module, Stacked) else self.module
        return any(isinstance(part, _BatchNorm) and part.track_running_stats for part in module.modules())

    def settled(self, inputs: Iterable[Inputs]) -> nn.Module:
        """A copy with batch norm's statistics under its own weights: means over batches (Brock et al. 2019, standing
        statistics; Izmailov et al. 2018).

        Args:
            inputs: batches of what the player is called with, its positional arguments.
        """
        return _settled(self.module, inputs)


def _settled(module: nn.Module, inputs: Iterable[Inputs]) -> nn.Module:
    if isinstance(module, Stacked):
        known = list(inputs)
        members = [module.member(place) for place in range(len(module))]
        own = [[tuple(values[place] for values in batch) for batch in known] for place in range(len(module))]
        return Stacked([_settled(one, batches) for one, batches in zip(members, own, strict=True)])
    copied = copy.deepcopy(module)
    update_bn(([batch] for batch in inputs), _Called(copied))
    return copied


class _Called(nn.Module):
    """A module that takes its arguments as a tuple."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._module = module

    def forward(self, arguments: Inputs) -> Tensor:
        result: Tensor = self._module(*arguments)
        return result


def _weights(module: nn.Module) -> list[Tensor]:
    return list(module.parameters())
