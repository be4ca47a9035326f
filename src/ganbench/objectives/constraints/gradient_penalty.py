"""Lipschitz by a penalty on the norm of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor

from ganbench.objectives.constraint import CONSTRAINTS, Constraint, Critic


@CONSTRAINTS.register("gradient_penalty")
@dataclass(frozen=True)
class GradientPenalty(Constraint):
    """λ E[(‖∇f(x̂)‖₂ − 1)²], x̂ uniform on lines between real and fake (Gulrajani et al. 2017, equation 3)."""

    weight: Annotated[float, Gt(0)] = 10.0

    per_sample: ClassVar[bool] = True
    excludes: ClassVar[tuple[str, ...]] = ("weight_clip",)

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
        """The penalty in float32, with a graph for its own gradient. The mix comes from torch's random state."""
        mix = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
        between = torch.lerp(real.float(), fake.float(), mix).detach().requires_grad_()
        with torch.autocast(real.device.type, enabled=False):
            score = critic(between).float().sum()
            (gradient,) = torch.autograd.grad(score, between, create_graph=True)
        norm = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
        penalty: Tensor = self.weight * (norm - 1).square().mean()
        return penalty
