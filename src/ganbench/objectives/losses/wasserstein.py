"""The earth mover's distance by its dual."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from torch import Tensor

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("wasserstein")
@dataclass(frozen=True)
class Wasserstein(Objective):
    """min_G max_f E[f(x)] − E[f(G(z))] over 1-Lipschitz critics f (Arjovsky et al. 2017, equation 2).

    The critic's Lipschitz constant is the constraint's business; the negated loss of the critic estimates W1.
    """

    @property
    def threshold(self) -> None:
        """A critic has none."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """E[f(G(z))] − E[f(x)]."""
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """−E[f(G(z))]."""
        return -fake.mean()

    def objection(self, constraints: Collection[str]) -> str | None:
        """Without a bound on its slope, a critic that doubles its scores halves its loss for ever."""
        return None if constraints else "its critic needs a constraint: without one its scores grow without end"
