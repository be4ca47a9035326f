"""The hinge."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import relu

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("hinge")
@dataclass(frozen=True)
class Hinge(Objective):
    """A margin of 1 on either side of 0 for the discriminator; the generator raises the score.

    Lim and Ye 2017 (geometric GAN); Miyato et al. 2018, equations 16 and 17. At the best discriminator the generator
    minimises the total variation distance.
    """

    @property
    def threshold(self) -> float:
        """The middle of the margin."""
        return 0.0

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]."""
        return relu(1 - real).mean() + relu(1 + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """−E[D(G(z))]."""
        return -fake.mean()

    def optimal(self, p: Tensor, q: Tensor) -> Tensor:
        """The sign of p − q; where p = q, anything from −1 to 1 is as good as its 0."""
        return (p - q).sign()
