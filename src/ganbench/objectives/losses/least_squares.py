"""Least squares."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from torch import Tensor

from ganbench.objectives.objective import OBJECTIVES, Objective


@OBJECTIVES.register("least_squares")
@dataclass(frozen=True)
class LeastSquares(Objective):
    """Scores are drawn to labels: b for real, a for generated samples; the generator wants c (Mao et al. 2017, eq. 2).

    The labels 0 and 1 are equation 9's. With b − c = 1 and b − a = 2 the generator minimises Pearson's χ² divergence
    of the generated samples and the even mixture (section 3.2).
    """

    real_label: float = 1.0
    fake_label: float = 0.0
    target: float | None = None
    """What the generator wants; the real label if nothing is said."""

    @property
    def threshold(self) -> float:
        """Half-way between the labels."""
        return (self.real_label + self.fake_label) / 2

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """½ E[(D(x) − b)²] + ½ E[(D(G(z)) − a)²]."""
        return (real - self.real_label).square().mean() / 2 + (fake - self.fake_label).square().mean() / 2

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """½ E[(D(G(z)) − c)²]."""
        return (fake - self._wanted).square().mean() / 2

    def optimal(self, p: Tensor, q: Tensor) -> Tensor:
        """(b p + a q)/(p + q) (equation 5)."""
        return (self.real_label * p + self.fake_label * q) / (p + q)

    def objection(self, constraints: Collection[str]) -> str | None:  # noqa: ARG002
        """Equal labels teach nothing; a target that is not on the real label's side leads away from real samples."""
        if self.real_label == self.fake_label:
            return "real_label and fake_label are the same"
        if (self._wanted - self.fake_label) * (self.real_label - self.fake_label) > 0:
            return None
        side = "above" if self.real_label > self.fake_label else "below"
        return (
            f"target: {self.target}: the generator would not want to leave the label of generated samples for that of "
            f"real ones; allowed: {side} fake_label, {self.fake_label:g}"
        )

    @property
    def _wanted(self) -> float:
        return self.real_label if self.target is None else self.target
