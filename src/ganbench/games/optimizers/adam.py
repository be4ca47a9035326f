"""Adam."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import nn

from ganbench.games.optimizer import OPTIMIZERS, Optimizer

Beta = Annotated[float, Ge(0), Lt(1)]


@OPTIMIZERS.register("adam")
@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015); the defaults are DCGAN's."""

    lr: Annotated[float, Gt(0)] = 2e-4
    betas: tuple[Beta, Beta] = (0.5, 0.999)

    def build(self, weights: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.Adam(weights, lr=lr, betas=self.betas, fused=True)
