"""What an objective is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar

from torch import Tensor

from ganbench.registry import Registry


class Objective(ABC):
    """A pair of losses on the discriminator's scores; both are minimised. Its fields are its options."""

    relativistic: ClassVar[bool] = False
    """The generator's loss compares with real samples: it must be given their scores, too."""

    @property
    @abstractmethod
    def threshold(self) -> float | None:
        """Scores above it mean «real»: the best score where p = q. None for a critic, whose scores have no origin."""

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss, a scalar, from scores of real and generated samples, float32 (N,) each."""

    @abstractmethod
    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The generator's loss, a scalar, from scores of generated samples, float32 (N,).

        Args:
            fake: their scores.
            real: scores of as many real samples, which a relativistic objective needs and the others ignore.
        """

    def optimal(self, p: Tensor, q: Tensor) -> Tensor | None:  # noqa: ARG002
        """The score of the best discriminator, where real samples have density p and generated ones q (any shape).

        For a relativistic objective it is one of many: adding a constant changes nothing. None if no formula that
        looks at one point at a time gives it.
        """
        return None

    def objection(self, constraints: Collection[str]) -> str | None:  # noqa: ARG002
        """Why the objective makes no sense with exactly these constraints (their names), or None."""
        return None


OBJECTIVES: Registry[Objective] = Registry("objective", "ganbench.objectives.losses")
