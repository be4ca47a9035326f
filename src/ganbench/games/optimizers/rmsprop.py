"""RMSProp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer, Steps

EPSILON = 1e-8


@OPTIMIZERS.register("rmsprop")
@dataclass(frozen=True)
class RMSProp(Optimizer):
    """RMSProp; the defaults are WGAN's (Arjovsky et al. 2017, algorithm 1)."""

    lr: Annotated[float, Gt(0)] = 5e-5
    alpha: Annotated[float, Ge(0), Lt(1)] = 0.99

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.RMSprop(weights, lr=lr, alpha=self.alpha, foreach=True)

    def steps(self, weights: Iterable[nn.Parameter], lr: float) -> Steps:  # noqa: D102
        return RMSPropSteps(weights, lr, self.alpha)


class RMSPropSteps(Steps):
    """v ← αv + (1 − α)g², w ← w − lr · g/(√v + ε)."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, alpha: float) -> None:
        super().__init__(weights, lr, "square")
        self._alpha = alpha

    @torch.no_grad()
    def step(self, gradients: list[Tensor]) -> None:  # noqa: D102
        square = self.memory["square"]
        torch._foreach_mul_(square, self._alpha)
        torch._foreach_addcmul_(square, gradients, gradients, 1 - self._alpha)
        size = torch._foreach_sqrt(square)
        torch._foreach_add_(size, EPSILON)
        torch._foreach_addcdiv_(self.weights, gradients, size, -self.lr)
