"""Maxout networks, as for the toys of PacGAN."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from torch import Tensor, nn

from ganbench.networks.mlp import MLPGenerator
from ganbench.networks.network import NETWORKS, Discriminator, Generator, Mix, Network, Shape, unmixed

STD = 0.02  # of the weights at the start, as in the authors' code


@NETWORKS.register("maxout")
@dataclass(frozen=True)
class Maxout(Network):
    """A maxout discriminator and a rectified generator with batch norm (Lin et al. 2018, section 4.1, for the toys).

    As published: a discriminator of 3 × 200 maxout units of 5 pieces, a generator of 4 × 400, z ∈ R². Weights from
    N(0, 0.02²), biases 0. The discriminator has no normalisation, so every constraint fits it.
    """

    width: Annotated[int, Gt(0)] = 200
    depth: Annotated[int, Gt(0)] = 3
    pieces: Annotated[int, Gt(1)] = 5
    latent: Annotated[int, Gt(0)] = 2
    generator_width: Annotated[int, Gt(0)] | None = None
    """None: twice `width`."""

    generator_depth: Annotated[int, Gt(0)] | None = None
    """None: one more than `depth`."""

    def generator(self, shape: Shape) -> Generator:  # noqa: D102
        width, depth = self.generator_width or 2 * self.width, self.generator_depth or self.depth + 1
        generator = MLPGenerator(shape, width, depth, self.latent)
        generator.apply(_initialise)
        return generator

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:  # noqa: ARG002, D102
        wides = itertools.pairwise([shape.size, *[self.width] * self.depth])
        units = [MaxoutLayer(wide_in, wide_out, self.pieces) for wide_in, wide_out in wides]
        discriminator = Discriminator(nn.Sequential(nn.Flatten(), *units), self.width, mix)
        discriminator.apply(_initialise)
        return discriminator

    def objection(self, shape: Shape, per_sample: bool) -> str | None:  # noqa: ARG002, D102
        return None


class MaxoutLayer(nn.Module):
    """(N, in) → (N, out), the largest of `pieces` affine functions a unit (Goodfellow et al. 2013, equation 1)."""

    def __init__(self, wide_in: int, wide_out: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.affine = nn.Linear(wide_in, pieces * wide_out)

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        return self.affine(values).unflatten(1, (self.pieces, -1)).amax(1)  # type: ignore[no-any-return]


def _initialise(module: nn.Module) -> None:
    """Every weight from N(0, 0.02²); biases 0."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, STD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
