"""Minibatch discrimination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from torch import nn

from ganbench.games.trick import TRICKS, Trick
from ganbench.networks.minibatch import MinibatchDiscrimination as Layer
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.objective import Objective


@TRICKS.register("minibatch_discrimination")
@dataclass(frozen=True)
class MinibatchDiscrimination(Trick):
    """The discriminator sees how close a sample is to the others of its batch (Salimans et al. 2016, section 3.2)."""

    kernels: Annotated[int, Gt(0)] = 50
    dimensions: Annotated[int, Gt(0)] = 5

    mixes: ClassVar[bool] = True

    def objection(self, objective: Objective, constraints: Mapping[str, Constraint]) -> str | None:  # noqa: ARG002, D102
        single = [name for name, constraint in constraints.items() if constraint.per_sample]
        if single:
            return f"it mixes the samples of a batch, but {single[0]} penalises the gradient of single samples"
        bounding = [name for name, constraint in constraints.items() if constraint.per_layer]
        if bounding:
            return f"{bounding[0]} bounds every layer, but the sum over a batch behind its tensor T has no such bound"
        return None

    def batch_objection(self, size: int) -> str | None:  # noqa: D102
        return None if size > 1 else "it compares the samples of a batch, but a batch is a single one"

    def mix(self, features: int) -> tuple[nn.Module, int]:  # noqa: D102
        return Layer(features, self.kernels, self.dimensions), features + self.kernels
