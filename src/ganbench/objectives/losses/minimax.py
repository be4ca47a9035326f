"""The game of the first GAN."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt, Le
from torch import Tensor
from torch.nn.functional import softplus

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("minimax")
@dataclass(frozen=True)
class Minimax(Objective):
    """min_G max_D E[log D(x)] + E[log(1 − D(G(z)))] (Goodfellow et al. 2014, equation 1), D = sigmoid(score).

    The generator's loss saturates: its gradient vanishes where the discriminator is sure.
    """

    real_label: Annotated[float, Gt(0), Le(1)] = 1.0
    """The target for real samples: below 1 for one-sided label smoothing (Salimans et al. 2016, section 3.4)."""

    @property
    def threshold(self) -> float:
        """The logit of a/2: 0 without smoothing."""
        return math.log(self.real_label / (2 - self.real_label))

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """−E[a log D(x) + (1 − a) log(1 − D(x))] − E[log(1 − D(G(z)))] with a = `real_label`."""
        on_real = self.real_label * softplus(-real).mean()
        if self.real_label < 1:
            on_real = on_real + (1 - self.real_label) * softplus(real).mean()
        return on_real + softplus(fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """E[log(1 − D(G(z)))]."""
        return -softplus(fake).mean()

    def optimal(self, p: Tensor, q: Tensor) -> Tensor:
        """log p/q (proposition 1); the logit of a p/(p + q) under smoothing."""
        if self.real_label == 1:
            return p.log() - q.log()
        return (self.real_label * p).log() - ((1 - self.real_label) * p + q).log()
