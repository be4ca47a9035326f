"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer, Steps


@OPTIMIZERS.register("sgd")
@dataclass(frozen=True)
class SGD(Optimizer):
    """Plain descent with momentum, as in the first GAN."""

    lr: Annotated[float, Gt(0)] = 1e-2
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.SGD(weights, lr=lr, momentum=self.momentum, fused=True)

    def steps(self, weights: Iterable[nn.Parameter], lr: float) -> Steps:  # noqa: D102
        return SGDSteps(weights, lr, self.momentum)


class SGDSteps(Steps):
    """v ← μv + g, w ← w − lr · v; without momentum v is g, and nothing is remembered."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, momentum: float) -> None:
        super().__init__(weights, lr, *(["velocity"] if momentum else []))
        self._momentum = momentum

    @torch.no_grad()
    def step(self, gradients: list[Tensor]) -> None:  # noqa: D102
        velocity = gradients
        if self._momentum:
            velocity = self.memory["velocity"]
            torch._foreach_mul_(velocity, self._momentum)
            torch._foreach_add_(velocity, gradients)
        torch._foreach_add_(self.weights, velocity, alpha=-self.lr)
