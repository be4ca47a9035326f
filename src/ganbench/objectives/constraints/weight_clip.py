"""Lipschitz by a box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor

from ganbench.objectives.constraint import CONSTRAINTS, Constraint


@CONSTRAINTS.register("weight_clip")
@dataclass(frozen=True)
class WeightClip(Constraint):
    """Every weight in [−c, c] after every step of the critic (Arjovsky et al. 2017, algorithm 1)."""

    bound: Annotated[float, Gt(0)] = 0.01

    excludes: ClassVar[tuple[str, ...]] = ("gradient_penalty",)

    @torch.no_grad()
    def project(self, weights: Iterable[Tensor]) -> None:
        """Clamp in place."""
        for weight in weights:
            weight.clamp_(-self.bound, self.bound)
