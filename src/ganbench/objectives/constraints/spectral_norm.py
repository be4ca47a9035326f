"""Lipschitz layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils import parametrize

from ganbench.objectives.constraint import CONSTRAINTS, Constraint

LAYERS = (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
FIRST_STEPS = 15


@CONSTRAINTS.register("spectral_norm")
@dataclass(frozen=True)
class SpectralNorm(Constraint):
    """Every layer's weight W, as a matrix of one row an output, becomes W/σ(W) (Miyato et al. 2018, algorithm 1).

    σ(W), the largest singular value, is followed by power iteration: `iterations` steps after every step of the
    discriminator. A forward pass reads their result and changes nothing, so any number of passes, in training or
    evaluation, in a compiled function or under `torch.func`, sees the same weights.

    Batch norm behind a layer would divide by a deviation, however small, and undo the bound: a network's `auto` leaves
    it out, as the paper's discriminators do (table 3).
    """

    iterations: Annotated[int, Gt(0)] = 1

    per_layer: ClassVar[bool] = True

    def apply(self, discriminator: nn.Module) -> nn.Module:
        """Normalise every linear, convolutional and embedding layer, in place."""
        for layer in list(discriminator.modules()):
            if isinstance(layer, (*LAYERS, *TRANSPOSED)):
                normalised = Normalised(layer.weight, rows=1 if isinstance(layer, TRANSPOSED) else 0)
                parametrize.register_parametrization(layer, "weight", normalised)
        return discriminator

    def project(self, discriminator: nn.Module) -> None:
        """Steps of power iteration; the weights themselves stay."""
        for normalised, weight in _normalised(discriminator):
            normalised.follow(weight, self.iterations)


class Normalised(nn.Module):
    """A parametrisation: a weight divided by its largest singular value.

    Args:
        weight: of two or more dimensions.
        rows: the dimension of its outputs; the others together are the columns.
    """

    u: Tensor
    v: Tensor

    def __init__(self, weight: Tensor, rows: int) -> None:
        super().__init__()
        self._rows = rows
        matrix = self._matrix(weight.detach())
        self.register_buffer("u", normalize(torch.randn_like(matrix[:, 0]), dim=0))
        self.register_buffer("v", normalize(torch.randn_like(matrix[0]), dim=0))
        self.follow(weight, FIRST_STEPS)

    def forward(self, weight: Tensor) -> Tensor:
        """W/uᵀWv in float32; the singular vectors u and v count as constants."""
        with torch.autocast(weight.device.type, enabled=False):
            sigma = torch.dot(self.u.clone(), torch.mv(self._matrix(weight), self.v.clone()))
            return weight / sigma

    @torch.no_grad()
    def follow(self, weight: Tensor, steps: int) -> None:
        """Steps of power iteration towards the singular vectors of the largest singular value."""
        matrix = self._matrix(weight)
        for _ in range(steps):
            self.u.copy_(normalize(torch.mv(matrix, self.v), dim=0))
            self.v.copy_(normalize(torch.mv(matrix.mT, self.u), dim=0))

    def _matrix(self, weight: Tensor) -> Tensor:
        return weight.movedim(self._rows, 0).flatten(1)


def _normalised(discriminator: nn.Module) -> Iterator[tuple[Normalised, Tensor]]:
    """Each normalised layer's parametrisation and its weight as it is trained."""
    for layer in discriminator.modules():
        if isinstance(layer, parametrize.ParametrizationList):
            for part in layer:
                if isinstance(part, Normalised):
                    yield part, layer.original
