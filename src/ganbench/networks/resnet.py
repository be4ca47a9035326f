"""Residual networks of SNGAN and WGAN-GP."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, relu

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

PLAIN = 2  # blocks of the discriminator that keep the size, after those that halve it down to 8 × 8


@NETWORKS.register("resnet")
@dataclass(frozen=True)
class ResNet(Network):
    """Residual blocks of one width (Miyato et al. 2018, table 4; Gulrajani et al. 2017, appendix G), any size.

    As published for CIFAR-10: at 32 pixels the generator has three blocks that double 4 × 4, the discriminator two that
    halve the image and two that keep 8 × 8, then a pooling over places and a linear head. Every doubling of the
    resolution adds a block to each. SNGAN's generator is 256 wide and its pooling a sum; WGAN-GP's is as wide as the
    critic, and the pooling a mean. Batch norm in the generator alone.
    """

    width: Annotated[int, Gt(0)] = 128
    generator_width: Annotated[int, Gt(0)] | None = None
    """None: twice `width`."""

    latent: Annotated[int, Gt(0)] = 128
    pooling: Literal["sum", "mean"] = "sum"

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        generator = ResNetGenerator(shape, self.generator_width or 2 * self.width, self.latent)
        generator.apply(_initialise)
        return generator

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: ARG002, D102
        assert isinstance(shape, ImageShape)
        blocks: list[nn.Module] = [First(shape.channels, self.width)]
        blocks += [Down(self.width) for _ in range(levels(shape) - 2)]
        blocks += [Plain(self.width) for _ in range(PLAIN)]
        discriminator = Discriminator(nn.Sequential(*blocks, Pool(self.pooling)), self.width, mix)
        discriminator.apply(_initialise)
        return discriminator

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: ARG002, D102
        if (reason := image_objection(shape)) is None and levels(shape) < 2:
            return "it makes images of 16, 32, … pixels, not 8"
        return reason


class ResNetGenerator(Generator):
    """Latent → 4 × 4 → … → image."""

    def __init__(self, shape: ImageShape, width: int, latent: int) -> None:
        super().__init__(latent)
        self.start = nn.Sequential(nn.Linear(latent, width * 4 * 4), nn.Unflatten(1, (width, 4, 4)))
        self.blocks = nn.Sequential(*[Up(width) for _ in range(levels(shape))])
        self.end = nn.Sequential(
            nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, shape.channels, 3, padding=1), nn.Tanh()
        )

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        images: Tensor = self.end(self.blocks(self.start(latent)))
        return images


class Up(nn.Module):
    """Doubles the size, to the nearest pixel. The shortcut's 1 × 1 convolution comes first: it commutes and costs ¼."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(width), nn.Conv2d(width, width, 3, padding=1)
        self.norm2, self.conv2 = nn.BatchNorm2d(width), nn.Conv2d(width, width, 3, padding=1)
        self.shortcut = nn.Conv2d(width, width, 1)

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        inner = self.conv1(interpolate(relu(self.norm1(maps)), scale_factor=2))
        inner = self.conv2(relu(self.norm2(inner)))
        outer: Tensor = inner + interpolate(self.shortcut(maps), scale_factor=2)
        return outer


class Plain(nn.Module):
    """Keeps the size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return maps + self.inner(maps)

    def inner(self, maps: Tensor) -> Tensor:
        """What is added to the shortcut, at the size of the input."""
        inner: Tensor = self.conv2(relu(self.conv1(relu(maps))))
        return inner


class Down(Plain):
    """Halves the size. The shortcut pools before its 1 × 1 convolution: they commute."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.shortcut = nn.Conv2d(width, width, 1)

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        outer: Tensor = self.shortcut(avg_pool2d(maps, 2))
        return outer + avg_pool2d(self.inner(maps), 2)


class First(nn.Module):
    """Halves the size of images, whose values may not be rectified first."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.shortcut = nn.Conv2d(channels, width, 1)

    def forward(self, images: Tensor) -> Tensor:  # noqa: D102
        outer: Tensor = self.shortcut(avg_pool2d(images, 2))
        return outer + avg_pool2d(self.conv2(relu(self.conv1(images))), 2)


class Pool(nn.Module):
    """(N, C, H, W) → rectified, (N, C)."""

    def __init__(self, how: Literal["sum", "mean"]) -> None:
        super().__init__()
        self.how = how

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return relu(maps).sum((2, 3)) if self.how == "sum" else relu(maps).mean((2, 3))


def _initialise(module: nn.Module) -> None:
    """Glorot's uniform, √2 times as wide for 3 × 3 convolutions; biases 0 (the authors' code)."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        wide = isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3)
        nn.init.xavier_uniform_(module.weight, math.sqrt(2) if wide else 1)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
