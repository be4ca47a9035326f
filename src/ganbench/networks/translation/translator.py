"""What a network that makes images from images is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from ganbench import across
from ganbench.networks.network import ImageShape
from ganbench.registry import Registry

STD = 0.02
"""Of every weight at the start."""


class Translator(ABC):
    """An architecture of generators (N, C, H, W) → (N, C′, H, W), both in [-1, 1]. Its fields are its options."""

    @abstractmethod
    def generator(self, source: ImageShape, target: ImageShape) -> nn.Module:
        """A new generator, initialised from torch's default random state.

        Args:
            source: of the images that it is given.
            target: of those that it makes; the same resolution.
        """

    @abstractmethod
    def objection(self, resolution: int) -> str | None:
        """Why it can't be built for images of this resolution, or None."""


TRANSLATORS: Registry[Translator] = Registry("translator", "ganbench.networks.translation.generators")


class LastingDropout(nn.Module):
    """Dropout in training and at test time alike: the only noise of a conditional generator (Isola et al. 2017, 3.2.1).

    Args:
        share: of the values that become 0; the others are scaled up.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, maps: Tensor) -> Tensor:
        """(N, …) → the same; the mask comes from torch's default random state."""
        if across.size() == 1:
            return dropout(maps, self.share)
        everybody = torch.cat([torch.ones_like(maps)] * across.size())  # laid out as one process would have them
        return maps * across.own(dropout(everybody, self.share))


MapNorm = Literal["instance", "batch"]


def normalise(kind: Literal["instance", "batch", "none"], width: int) -> list[nn.Module]:
    """A layer of that kind for maps (N, width, H, W), or none."""
    if kind == "none":
        return []
    return [nn.InstanceNorm2d(width) if kind == "instance" else nn.BatchNorm2d(width)]


def initialise(module: nn.Module) -> None:
    """Weights of convolutions from N(0, 0.02²), scales of batch norm from N(1, 0.02²), biases 0.

    As in Isola et al. 2017, section 6.2, and Zhu et al. 2017, section 7.1.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
        mean = 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0
        nn.init.normal_(module.weight, mean, STD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
