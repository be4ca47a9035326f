"""The earth mover's distance by its dual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("wasserstein")
@dataclass(frozen=True)
class Wasserstein(Objective):
    """min_G max_f E[f(x)] − E[f(G(z))] over 1-Lipschitz critics f (Arjovsky et al. 2017, equation 2).

    The critic's Lipschitz constant is the constraint's business; the negated loss of the critic estimates W1.
    """

    threshold: ClassVar[float | None] = None

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """E[f(G(z))] − E[f(x)]."""
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor) -> Tensor:
        """−E[f(G(z))]."""
        return -fake.mean()
