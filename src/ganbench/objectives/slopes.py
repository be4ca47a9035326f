"""Gradients of a critic with respect to its inputs, for penalties on them."""

from __future__ import annotations

import torch
from torch import Tensor

from ganbench.objectives.constraint import Critic


def slopes(critic: Critic, points: Tensor) -> Tensor:
    """∇D at each point, (N, features) in float32, with a graph for the gradient of the critic's weights.

    `torch.func.grad` and not `torch.autograd.grad`: the one way through that also compiles whole and nests in `vmap`.

    Args:
        critic: samples (N, …) → scores (N,), each from its own sample alone.
        points: where to look, (N, …).
    """

    def total(x: Tensor) -> Tensor:
        return critic(x).float().sum()

    with torch.autocast(points.device.type, enabled=False):
        gradient: Tensor = torch.func.grad(total)(points.detach().float())
    return gradient.flatten(1)
