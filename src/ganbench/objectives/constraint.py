"""What a constraint on the discriminator is to the rest of the bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from torch import Tensor, nn

from ganbench.registry import Registry

Critic = Callable[[Tensor], Tensor]


class Constraint:
    """A constraint is built into the discriminator, is a term of its loss, or acts on it after every step."""

    per_sample: ClassVar[bool] = False
    """It looks at single samples, so the discriminator may not mix a batch."""

    per_layer: ClassVar[bool] = False
    """It bounds every layer, so nothing may rescale what a layer gives."""

    @property
    def excludes(self) -> Mapping[str, str]:
        """Constraints that make no sense beside this one, each with the reason."""
        return {}

    def apply(self, discriminator: nn.Module) -> nn.Module:
        """The new discriminator with the constraint built in; called once, before weights are loaded or trained."""
        return discriminator

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor | None:  # noqa: ARG002
        """A term of the discriminator's loss, a float32 scalar, or None.

        It works eagerly, in a compiled function and under `torch.func.vmap` and `torch.func.grad`; so the critic may
        change no buffer in its forward pass.

        Args:
            critic: samples (N, …) → scores (N,).
            real: real samples (N, …).
            fake: generated samples (N, …), detached.
        """
        return None

    def project(self, discriminator: nn.Module) -> None:
        """Change the discriminator's parameters and buffers in place after its step; operations allow `vmap`."""


CONSTRAINTS: Registry[Constraint] = Registry("constraint", "ganbench.objectives.constraints")
