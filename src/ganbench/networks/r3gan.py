"""R3GAN's residual networks: grouped convolutions and no normalisation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, TypeVar

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, pad

from ganbench.networks.network import (
    NETWORKS,
    Discriminator,
    Generator,
    ImageShape,
    Mix,
    Network,
    Shape,
    image_objection,
    levels,
    unmixed,
)

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)

LEAK = 0.2
GAIN = math.sqrt(2 / (1 + LEAK**2))  # of the leaky rectifier
WIDE_STAGES = 4  # at 4, 8, 16 and 32 pixels; then the width halves with every doubling
LAYERS = 3  # weighted ones in a block


@NETWORKS.register("r3gan")
@dataclass(frozen=True)
class R3GAN(Network):
    """Stages of residual blocks 1 × 1 → grouped 3 × 3 → 1 × 1 (Huang et al. 2024, section 4 and config E).

    No normalisation: the last convolution of a block starts at 0 and the others are scaled down with the number of
    blocks (fix-up, Zhang et al. 2019). Resampling is bilinear; 4 × 4 maps come from and go to vectors by a learnt
    basis. Published: width 768 with 96 groups, which is groups of 16 channels, 2 blocks a stage, expansion 2, z ∈ R⁶⁴.
    The generator's end is linear: its images may exceed [-1, 1] a little, and are clamped where they are drawn.
    """

    width: Annotated[int, Gt(0)] = 768
    blocks: Annotated[int, Gt(0)] = 2
    """A stage."""

    expansion: Annotated[int, Gt(0)] = 2
    group: Annotated[int, Gt(0)] = 16
    """Channels of a group of the 3 × 3 convolution: its cardinality is expansion · width / group."""

    latent: Annotated[int, Gt(0)] = 64

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        return R3GANGenerator(self, shape)

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: ARG002, D102
        assert isinstance(shape, ImageShape)
        widths = self.widths(shape)[::-1]
        layers: list[nn.Module] = [convolution(shape.channels, widths[0], 1)]
        for wide_in, wide_out in itertools.pairwise(widths):
            layers += [*self.stage(shape, wide_in), Half()]
            if wide_in != wide_out:
                layers.append(convolution(wide_in, wide_out, 1))
        basis = nn.Conv2d(widths[-1], widths[-1], 4, groups=widths[-1], bias=False)
        layers += [*self.stage(shape, widths[-1]), scaled(basis), nn.Flatten()]
        discriminator = Discriminator(nn.Sequential(*layers), widths[-1], mix, bias=False)
        scaled(discriminator.head)
        return discriminator

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: ARG002, D102
        if reason := image_objection(shape):
            return reason
        assert isinstance(shape, ImageShape)
        for width in self.widths(shape):
            wide = self.expansion * width
            if width == 0 or wide % min(self.group, wide):
                return (
                    f"group: {self.group} does not divide {wide} channels (expansion {self.expansion}, width {width})"
                )
        return None

    def constraint_objection(self, constraints: Collection[str]) -> str | None:  # noqa: D102
        if "spectral_norm" in constraints:
            return "spectral_norm divides a weight by its norm, but its blocks end in weights that begin at 0"
        return None

    def widths(self, shape: ImageShape) -> list[int]:
        """Of the stages, from 4 × 4 to the image."""
        return [self.width // 2 ** max(0, level + 1 - WIDE_STAGES) for level in range(levels(shape) + 1)]

    def stage(self, shape: ImageShape, width: int) -> list[nn.Module]:
        """Blocks of one resolution."""
        total = self.blocks * (levels(shape) + 1)
        return [Block(width, self.expansion * width, self.group, total) for _ in range(self.blocks)]


class R3GANGenerator(Generator):
    """Latent → 4 × 4 → … → image."""

    def __init__(self, net: R3GAN, shape: ImageShape) -> None:
        super().__init__(net.latent)
        widths = net.widths(shape)
        self.linear = scaled(nn.Linear(net.latent, widths[0], bias=False))
        self.basis = nn.Parameter(torch.randn(widths[0], 4, 4))
        layers = net.stage(shape, widths[0])
        for wide_in, wide_out in itertools.pairwise(widths):
            if wide_in != wide_out:
                layers.append(convolution(wide_in, wide_out, 1))
            layers += [Double(), *net.stage(shape, wide_out)]
        self.layers = nn.Sequential(*layers, convolution(widths[-1], shape.channels, 1))

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        images: Tensor = self.layers(self.linear(latent)[:, :, None, None] * self.basis)
        return images


class Block(nn.Module):
    """x + W₃ φ(W₂ φ(W₁ x)), φ a leaky rectifier with a bias a channel.

    Args:
        width: of x.
        wide: between W₁ and W₃.
        group: channels of a group of W₂.
        total: blocks of the network: the deeper, the smaller W₁ and W₂ at the start.
    """

    def __init__(self, width: int, wide: int, group: int, total: int) -> None:
        super().__init__()
        gain = GAIN * total ** (-1 / (2 * LAYERS - 2))
        self.layers = nn.Sequential(
            scaled(nn.Conv2d(width, wide, 1), gain),
            nn.LeakyReLU(LEAK),
            scaled(nn.Conv2d(wide, wide, 3, padding=1, groups=max(1, wide // group)), gain),
            nn.LeakyReLU(LEAK),
            convolution(wide, width, 1, gain=0),
        )

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return maps + self.layers(maps)  # type: ignore[no-any-return]


class Double(nn.Module):
    """Twice the size by bilinear interpolation: every second pixel is the mean of its neighbours, 0 beyond the edge."""

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return avg_pool2d(pad(interpolate(maps, scale_factor=2), (0, 1, 0, 1)), 2, 1)


class Half(nn.Module):
    """Half the size by the same weights, ¼ ½ ¼ along each axis: means of two, twice."""

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return avg_pool2d(avg_pool2d(pad(maps, (1, 0, 1, 0)), 2, 1), 2)


def convolution(wide_in: int, wide_out: int, kernel: int, gain: float = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size."""
    return scaled(nn.Conv2d(wide_in, wide_out, kernel, padding=kernel // 2, bias=False), gain)


def scaled(layer: Layer, gain: float = 1) -> Layer:
    """Weights from N(0, gain² / fan in), biases 0."""
    nn.init.normal_(layer.weight, 0, gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
