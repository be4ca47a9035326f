"""Adam."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer, Steps

Beta = Annotated[float, Ge(0), Lt(1)]
EPSILON = 1e-8


@OPTIMIZERS.register("adam")
@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015); the defaults are DCGAN's."""

    lr: Annotated[float, Gt(0)] = 2e-4
    betas: tuple[Beta, Beta] = (0.5, 0.999)

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.Adam(weights, lr=lr, betas=self.betas, fused=True)

    def steps(self, weights: Iterable[nn.Parameter], lr: float) -> Steps:  # noqa: D102
        return AdamSteps(weights, lr, self.betas)


class AdamSteps(Steps):
    """All weights in one fused kernel; the number of steps is counted on the device."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float, betas: tuple[float, float]) -> None:
        super().__init__(weights, lr, "mean", "square")
        self._count = torch.zeros((), device=self.weights[0].device)
        self.memory["count"] = [self._count]
        self._counts = [self._count] * len(self.weights)
        self._betas = betas

    @torch.no_grad()
    def step(self, gradients: list[Tensor]) -> None:  # noqa: D102
        self._count.add_(1)
        torch._fused_adam_(
            self.weights, gradients, self.memory["mean"], self.memory["square"], [], self._counts,
            lr=self.lr, beta1=self._betas[0], beta2=self._betas[1], weight_decay=0.0, eps=EPSILON,
            amsgrad=False, maximize=False,
        )  # fmt: skip
