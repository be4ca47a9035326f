"""Relativistic pairing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("relativistic")
@dataclass(frozen=True)
class Relativistic(Objective):
    """A generated sample is judged beside a real one, pair by pair: only the difference of their scores counts.

    RpGAN (Jolicoeur-Martineau 2019, section 4) with f(t) = −log(1 + e^−t), as in R3GAN (Huang et al. 2024, equation 2),
    which adds the constraints r1 and r2.
    """

    relativistic: ClassVar[bool] = True

    @property
    def threshold(self) -> None:
        """A critic has none."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """−E[log sigmoid(D(x) − D(G(z)))]."""
        return softplus(fake - real).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E[log sigmoid(D(G(z)) − D(x))].

        Raises:
            ValueError: no scores of real samples.
        """
        if real is None:
            raise ValueError("a relativistic generator's loss needs the scores of real samples")
        return softplus(real - fake).mean()

    def optimal(self, p: Tensor, q: Tensor) -> Tensor:
        """log p/q, up to a constant: of a pair (x, y), x is the real one with odds p(x) q(y) / (p(y) q(x))."""
        return p.log() - q.log()
