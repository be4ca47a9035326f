"""The f-GAN family, one implementation for all divergences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ganbench.objectives.divergences import DIVERGENCES, Divergence
from ganbench.objectives.objective import OBJECTIVES, Objective

Name = Literal["kl", "reverse_kl", "pearson", "neyman", "hellinger", "jeffrey", "jensen_shannon", "gan"]


@OBJECTIVES.register("f_gan")
@dataclass(frozen=True)
class FGAN(Objective):
    """min_G max_v E[g(v(x))] − E[f*(g(v(G(z))))], which bounds D_f(P‖Q) from below (Nowozin et al. 2016, equation 7).

    The divergence's f, activation g and conjugate f* stand in `ganbench.objectives.divergences`.
    """

    divergence: Name = "gan"

    non_saturating: bool = False
    """The generator maximises E[g(v(G(z)))] instead (section 3.2): same fixed point, strong gradients early."""

    @property
    def _of(self) -> Divergence:
        return DIVERGENCES[self.divergence]

    @property
    def threshold(self) -> float:
        """The raw score v with g(v) = f′(1)."""
        return float(self._of.score(torch.zeros(())))

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """E[f*(g(v(G(z))))] − E[g(v(x))]; its negative estimates the divergence."""
        return self._of.activated_conjugate(fake).mean() - self._of.activation(real).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """−E[f*(g(v(G(z))))], or −E[g(v(G(z)))]."""
        if self.non_saturating:
            return -self._of.activation(fake).mean()
        return -self._of.activated_conjugate(fake).mean()

    def optimal(self, p: Tensor, q: Tensor) -> Tensor:
        """v with g(v) = f′(p/q) (equation 5)."""
        return self._of.score(p.log() - q.log())
