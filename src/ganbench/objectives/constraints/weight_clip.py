"""Lipschitz by a box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Gt
from torch import nn

from ganbench.objectives.constraint import CONSTRAINTS, Constraint


@CONSTRAINTS.register("weight_clip")
@dataclass(frozen=True)
class WeightClip(Constraint):
    """Every weight in [−c, c] after every step of the critic (Arjovsky et al. 2017, algorithm 1)."""

    bound: Annotated[float, Gt(0)] = 0.01

    @property
    def excludes(self) -> Mapping[str, str]:  # noqa: D102
        return {
            "gradient_penalty": "weights in a small box can't reach the slope that the penalty asks for",
            "spectral_norm": "the normalised weight does not depend on the size of what is clipped",
        }

    @torch.no_grad()
    def project(self, discriminator: nn.Module) -> None:
        """Clamp in place."""
        for weight in discriminator.parameters():
            weight.clamp_(-self.bound, self.bound)
