"""RMSProp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer


@OPTIMIZERS.register("rmsprop")
@dataclass(frozen=True)
class RMSProp(Optimizer):
    """RMSProp; the defaults are WGAN's (Arjovsky et al. 2017, algorithm 1)."""

    lr: Annotated[float, Gt(0)] = 5e-5
    alpha: Annotated[float, Ge(0), Lt(1)] = 0.99

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.RMSprop(weights, lr=lr, alpha=self.alpha, foreach=True)
