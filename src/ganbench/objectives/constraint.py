"""What a constraint on the discriminator is to the rest of the bench."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from torch import Tensor

from ganbench.registry import Registry

Critic = Callable[[Tensor], Tensor]


class Constraint:
    """A constraint acts as a term of the discriminator's loss, or on its weights after every step."""

    per_sample: ClassVar[bool] = False
    """It looks at single samples, so the discriminator may not mix a batch."""

    excludes: ClassVar[tuple[str, ...]] = ()
    """Names of constraints that make no sense beside this one."""

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor | None:  # noqa: ARG002
        """A term of the discriminator's loss, a float32 scalar, or None.

        Args:
            critic: samples (N, …) → scores (N,).
            real: real samples (N, …).
            fake: generated samples (N, …), detached.
        """
        return None

    def project(self, weights: Iterable[Tensor]) -> None:
        """Change the discriminator's weights in place after its step."""


CONSTRAINTS: Registry[Constraint] = Registry("constraint", "ganbench.objectives.constraints")
