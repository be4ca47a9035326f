"""Lipschitz by a penalty on the norm of the gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Gt
from torch import Tensor
from torch.nn.functional import relu

from ganbench import across
from ganbench.objectives.constraint import CONSTRAINTS, Constraint, Critic
from ganbench.objectives.slopes import slopes


@CONSTRAINTS.register("gradient_penalty")
@dataclass(frozen=True)
class GradientPenalty(Constraint):
    """λ E[(‖∇f(x̂)‖₂ − t)²], x̂ uniform on lines between real and fake (Gulrajani et al. 2017, equation 3).

    `target` is t, the slope that is asked for. `sided: one` leaves smaller slopes alone, max(0, ‖∇f(x̂)‖₂ − t)², as a
    Lipschitz bound does (Petzka et al. 2018).
    """

    weight: Annotated[float, Gt(0)] = 10.0
    target: Annotated[float, Ge(0)] = 1.0
    sided: Literal["two", "one"] = "two"

    per_sample: ClassVar[bool] = True

    @property
    def excludes(self) -> Mapping[str, str]:
        """A penalty that is content with no slope at all goes with R1 and R2."""
        if self.target == 0 or self.sided == "one":
            return {}
        return dict.fromkeys(("r1", "r2"), "one wants no slope where the other wants some")

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
        """The penalty in float32, with a graph for its own gradient. The mix comes from torch's random state."""
        mix = across.draw(torch.rand, len(real), *[1] * (real.dim() - 1), device=real.device)
        gradient = slopes(critic, torch.lerp(real.detach().float(), fake.detach().float(), mix))
        excess = torch.linalg.vector_norm(gradient, dim=1) - self.target
        if self.sided == "one":
            excess = relu(excess)
        penalty: Tensor = self.weight * excess.square().mean()
        return penalty
