"""What an objective is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from ganbench.registry import Registry


class Objective(ABC):
    """A pair of losses on the discriminator's scores; both are minimised. Its fields are its options."""

    threshold: ClassVar[float | None]
    """Scores above it mean «real»; None for a critic, whose scores have no origin."""

    @abstractmethod
    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss, a scalar, from scores of real and generated samples, float32 (N,) each."""

    @abstractmethod
    def generator(self, fake: Tensor) -> Tensor:
        """The generator's loss, a scalar, from scores of generated samples, float32 (N,)."""


OBJECTIVES: Registry[Objective] = Registry("objective", "ganbench.objectives.losses")
