"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer


@OPTIMIZERS.register("sgd")
@dataclass(frozen=True)
class SGD(Optimizer):
    """Plain descent with momentum, as in the first GAN."""

    lr: Annotated[float, Gt(0)] = 1e-2
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.SGD(weights, lr=lr, momentum=self.momentum, fused=True)
