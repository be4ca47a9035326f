"""The first GAN with the generator's loss that it was trained with."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import softplus

from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.objective import OBJECTIVES


@OBJECTIVES.register("non_saturating")
@dataclass(frozen=True)
class NonSaturating(Minimax):
    """The discriminator of the minimax game; a generator that maximises log D(G(z)) (Goodfellow et al. 2014, sec. 3).

    Same fixed point, strong gradients early in training.
    """

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """−E[log D(G(z))]."""
        return softplus(-fake).mean()
