"""A flat discriminator on generated samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from torch import Tensor

from ganbench.objectives.constraint import CONSTRAINTS, Constraint, Critic
from ganbench.objectives.slopes import slopes


@CONSTRAINTS.register("r2")
@dataclass(frozen=True)
class R2(Constraint):
    """γ/2 E[‖∇D(G(z))‖²] over generated samples (Mescheder et al. 2018, equation 10)."""

    weight: Annotated[float, Gt(0)] = 10.0
    """γ."""

    per_sample: ClassVar[bool] = True

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:  # noqa: ARG002
        """The penalty in float32, with a graph for its own gradient."""
        return self.weight / 2 * slopes(critic, fake).square().sum(1).mean()
