"""Blocks of plain convolutions, as in the classical example for faces of 64 pixels."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from torch import Tensor, nn

from ganbench.networks.network import (
    NETWORKS,
    Discriminator,
    Generator,
    ImageShape,
    Mix,
    Network,
    Norm,
    Shape,
    image_objection,
    levels,
    norm_objection,
    resolve_norm,
    unmixed,
)

LEAK = 0.3


@NETWORKS.register("blocks")
@dataclass(frozen=True)
class Blocks(Network):
    """Encoder blocks of two convolutions, the second with stride 2; decoder blocks of one transposed convolution.

    Batch norm and a leaky rectifier of slope 0.3 follow every convolution. Encoder widths double from `capacity` at
    the image down to 4 × 4, where a mean over places and a linear head give the score; the decoder's halve back. The
    example for CelebA at 64 pixels: capacity 16, filters of 5 × 5, 100 latents, batches of 32, Adam at 2e-4. Glorot's
    uniform weights, as in that example's library.
    """

    capacity: Annotated[int, Gt(0)] = 16
    filter: Annotated[int, Gt(1)] = 5
    latent: Annotated[int, Gt(0)] = 100
    discriminator_norm: Norm = "auto"

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        generator = BlocksGenerator(self, shape)
        generator.apply(_initialise)
        return generator

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        norm = resolve_norm(self.discriminator_norm, per_sample)
        layers: list[nn.Module] = []
        for wide_in, wide_out in itertools.pairwise([shape.channels, *self.widths(shape)]):
            keep = nn.Conv2d(wide_in, wide_out, self.filter, 1, self.filter // 2, bias=not norm)
            halve = nn.Conv2d(wide_out, wide_out, self.filter, 2, self.filter // 2, bias=not norm)
            for convolution in (keep, halve):
                layers += [convolution, *([nn.BatchNorm2d(wide_out)] if norm else []), nn.LeakyReLU(LEAK)]
        pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        discriminator = Discriminator(nn.Sequential(*layers, *pool), self.widths(shape)[-1], mix)
        discriminator.apply(_initialise)
        return discriminator

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: D102
        if self.filter % 2 == 0:
            return f"filter: {self.filter}: a filter needs a middle; allowed: odd numbers"
        return image_objection(shape) or norm_objection(self.discriminator_norm, per_sample)

    def widths(self, shape: ImageShape) -> list[int]:
        """Of the encoder's blocks, from the image to 4 × 4."""
        return [self.capacity * 2**level for level in range(levels(shape))]


class BlocksGenerator(Generator):
    """Latent → 4 × 4 → … → image."""

    def __init__(self, net: Blocks, shape: ImageShape) -> None:
        super().__init__(net.latent)
        first, *others = [*reversed(net.widths(shape)), net.capacity]
        layers: list[nn.Module] = [
            nn.Linear(net.latent, first * 4 * 4, bias=False),
            nn.BatchNorm1d(first * 4 * 4),
            nn.LeakyReLU(LEAK),
            nn.Unflatten(1, (first, 4, 4)),
        ]
        padding = net.filter // 2
        for wide_in, wide_out in itertools.pairwise([first, *others]):
            up = nn.ConvTranspose2d(wide_in, wide_out, net.filter, 2, padding, 1, bias=False)
            layers += [up, nn.BatchNorm2d(wide_out), nn.LeakyReLU(LEAK)]
        end = nn.Conv2d(net.capacity, shape.channels, net.filter, 1, padding)
        self.layers = nn.Sequential(*layers, end, nn.Tanh())

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        images: Tensor = self.layers(latent)
        return images


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
