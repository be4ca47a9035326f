"""A flat discriminator on real samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from torch import Tensor

from ganbench.objectives.constraint import CONSTRAINTS, Constraint, Critic
from ganbench.objectives.slopes import slopes


@CONSTRAINTS.register("r1")
@dataclass(frozen=True)
class R1(Constraint):
    """γ/2 E[‖∇D(x)‖²] over real samples (Mescheder et al. 2018, equation 9)."""

    weight: Annotated[float, Gt(0)] = 10.0
    """γ."""

    per_sample: ClassVar[bool] = True

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:  # noqa: ARG002
        """The penalty in float32, with a graph for its own gradient."""
        return self.weight / 2 * slopes(critic, real).square().sum(1).mean()
