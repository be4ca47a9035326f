"""Deep convolutional networks (Radford et al. 2016)."""

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

WIDEST = 8  # times `width`: the published network stops doubling there


@NETWORKS.register("dcgan")
@dataclass(frozen=True)
class DCGAN(Network):
    """Strided convolutions down to 4 × 4, transposed convolutions up from there (Radford et al. 2016, figure 1).

    `width` channels next to the image, doubling towards 4 × 4 up to 8 × `width`. Weights from N(0, 0.02²), leaky
    rectifiers of slope 0.2 in the discriminator, no normalisation next to the image.
    """

    width: Annotated[int, Gt(0)] = 64
    latent: Annotated[int, Gt(0)] = 100
    discriminator_norm: Norm = "auto"

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        generator = DCGANGenerator(shape, self._widths(shape), self.latent)
        generator.apply(_initialise)
        return generator

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: D102
        assert isinstance(shape, ImageShape)
        norm = resolve_norm(self.discriminator_norm, per_sample)
        widths = self._widths(shape)
        layers: list[nn.Module] = [nn.Conv2d(shape.channels, widths[0], 4, 2, 1), nn.LeakyReLU(0.2)]
        for wide_in, wide_out in itertools.pairwise(widths):
            layers.append(nn.Conv2d(wide_in, wide_out, 4, 2, 1, bias=not norm))
            if norm:
                layers.append(nn.BatchNorm2d(wide_out))
            layers.append(nn.LeakyReLU(0.2))
        discriminator = Discriminator(nn.Sequential(*layers, nn.Flatten()), 4 * 4 * widths[-1], mix)
        discriminator.apply(_initialise)
        return discriminator

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: D102
        return image_objection(shape) or norm_objection(self.discriminator_norm, per_sample)

    def _widths(self, shape: ImageShape) -> list[int]:
        """Channels from the image (half its resolution) to 4 × 4."""
        return [self.width * min(2**level, WIDEST) for level in range(levels(shape))]


class DCGANGenerator(Generator):
    """Latent → 4 × 4 → … → image."""

    def __init__(self, shape: ImageShape, widths: list[int], latent: int) -> None:
        super().__init__(latent)
        layers: list[nn.Module] = _up(latent, widths[-1], 4, 1, 0)
        for wide_in, wide_out in itertools.pairwise(reversed(widths)):
            layers += _up(wide_in, wide_out, 4, 2, 1)
        self.layers = nn.Sequential(*layers, nn.ConvTranspose2d(widths[0], shape.channels, 4, 2, 1), nn.Tanh())

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        images: Tensor = self.layers(latent[:, :, None, None])
        return images


def _up(wide_in: int, wide_out: int, kernel: int, stride: int, padding: int) -> list[nn.Module]:
    conv = nn.ConvTranspose2d(wide_in, wide_out, kernel, stride, padding, bias=False)
    return [conv, nn.BatchNorm2d(wide_out), nn.ReLU()]


def _initialise(module: nn.Module) -> None:
    """Every weight from N(0, 0.02²); scales of batch norm from N(1, 0.02²); biases 0."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d):
        mean = 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0
        nn.init.normal_(module.weight, mean, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
