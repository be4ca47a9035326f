"""Fully connected networks, as in the first GAN."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.networks.network import NETWORKS, Generator, ImageShape, Network, Norm, norm_objection, resolve_norm


@NETWORKS.register("mlp")
@dataclass(frozen=True)
class MLP(Network):
    """Layers of equal width (Goodfellow et al. 2014, section 5).

    Two departures make the small ones train reliably: leaky rectifiers in the place of maxout, and batch
    normalisation in the generator.
    """

    width: Annotated[int, Gt(0)] = 256
    depth: Annotated[int, Gt(0)] = 3
    latent: Annotated[int, Gt(0)] = 64
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.3
    discriminator_norm: Norm = "none"

    def generator(self, shape: ImageShape) -> Generator:  # noqa: D102
        return MLPGenerator(shape, self.width, self.depth, self.latent)

    def discriminator(self, shape: ImageShape, per_sample: bool) -> nn.Module:  # noqa: D102
        norm = resolve_norm(self.discriminator_norm, per_sample)
        layers: list[nn.Module] = [nn.Flatten()]
        for wide_in, wide_out in itertools.pairwise([shape.size, *[self.width] * self.depth]):
            layers.append(nn.Linear(wide_in, wide_out))
            if norm:
                layers.append(nn.BatchNorm1d(wide_out))
            layers.append(nn.LeakyReLU(0.2))
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
        return nn.Sequential(*layers, nn.Linear(self.width, 1), nn.Flatten(0))

    def objection(self, shape: ImageShape, per_sample: bool) -> str | None:  # noqa: ARG002, D102
        return norm_objection(self.discriminator_norm, per_sample)


class MLPGenerator(Generator):
    """Linear → batch norm → ReLU, `depth` times, then linear → tanh."""

    def __init__(self, shape: ImageShape, width: int, depth: int, latent: int) -> None:
        super().__init__(latent)
        layers: list[nn.Module] = []
        for wide_in, wide_out in itertools.pairwise([latent, *[width] * depth]):
            layers += [nn.Linear(wide_in, wide_out, bias=False), nn.BatchNorm1d(wide_out), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(width, shape.size), nn.Tanh())
        self.image = (shape.channels, shape.resolution, shape.resolution)

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        images: Tensor = self.layers(latent).unflatten(1, self.image)
        return images
