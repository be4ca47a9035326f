"""Fully connected networks, as in the first GAN."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.networks.network import (
    NETWORKS,
    Discriminator,
    Generator,
    Mix,
    Network,
    Norm,
    Shape,
    norm_objection,
    resolve_norm,
    to_samples,
    unmixed,
)


@NETWORKS.register("mlp")
@dataclass(frozen=True)
class MLP(Network):
    """Layers of equal width (Goodfellow et al. 2014, section 5), for images and points.

    Two departures make the small ones train reliably: leaky rectifiers in the place of maxout, and batch
    normalisation in the generator.
    """

    width: Annotated[int, Gt(0)] = 256
    depth: Annotated[int, Gt(0)] = 3
    latent: Annotated[int, Gt(0)] = 64
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.3
    discriminator_norm: Norm = "none"
    generator_norm: Literal["batch", "none"] = "batch"
    leak: Annotated[float, Ge(0), Lt(1)] = 0.2
    """Slope of the discriminator's rectifiers below 0."""

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        return MLPGenerator(shape, self.width, self.depth, self.latent, self.generator_norm == "batch")

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: D102
        norm = resolve_norm(self.discriminator_norm, per_sample)
        layers: list[nn.Module] = [nn.Flatten()]
        for wide_in, wide_out in itertools.pairwise([shape.size, *[self.width] * self.depth]):
            layers.append(nn.Linear(wide_in, wide_out))
            if norm:
                layers.append(nn.BatchNorm1d(wide_out))
            layers.append(nn.LeakyReLU(self.leak))
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
        return Discriminator(nn.Sequential(*layers), self.width, mix)

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: ARG002, D102
        return norm_objection(self.discriminator_norm, per_sample)


class MLPGenerator(Generator):
    """Linear → batch norm → ReLU, `depth` times, then linear → sample."""

    def __init__(self, shape: Shape, width: int, depth: int, latent: int, norm: bool = True) -> None:
        super().__init__(latent)
        layers: list[nn.Module] = []
        for wide_in, wide_out in itertools.pairwise([latent, *[width] * depth]):
            layers.append(nn.Linear(wide_in, wide_out, bias=not norm))
            if norm:
                layers.append(nn.BatchNorm1d(wide_out))
            layers.append(nn.ReLU())
        self.layers = nn.Sequential(*layers, nn.Linear(width, shape.size))
        self.end = to_samples(shape)

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        samples: Tensor = self.end(self.layers(latent))
        return samples
