"""What a training trick is to the rest of the bench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn

from ganbench.games.condition import Condition
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.objective import Objective
from ganbench.registry import Registry


class Trick:
    """A trick changes the objective, the discriminator, or what it is shown. Its fields are its options."""

    mixes: ClassVar[bool] = False
    """The discriminator's score of a sample depends on the batch that it stands in."""

    matches: ClassVar[bool] = False
    """The generator's loss compares features of generated samples with those of real ones."""

    pack: int = 1
    """Samples that the discriminator judges as one."""

    def objection(self, objective: Objective, constraints: Mapping[str, Constraint]) -> str | None:  # noqa: ARG002
        """Why the trick makes no sense with this objective and these constraints, or None."""
        return None

    def condition_objection(self, condition: Condition) -> str | None:  # noqa: ARG002
        """Why the trick makes no sense where the players are told something of a sample, or None."""
        return None

    def batch_objection(self, size: int) -> str | None:  # noqa: ARG002
        """Why the trick makes no sense with batches of `size` samples (packs, where it packs), or None."""
        return None

    def apply(self, objective: Objective) -> Objective:
        """The objective with the trick worked in."""
        return objective

    def average_half_life(self) -> float | None:
        """Half-life, in images, of the moving average of the generator that it asks for."""
        return None

    def mix(self, features: int) -> tuple[nn.Module, int] | None:  # noqa: ARG002
        """Layers (N, F) → (N, F′) between the discriminator's features and its head, and F′; or None."""
        return None

    def generator_loss(self, loss: Tensor, real: Tensor, fake: Tensor) -> Tensor:  # noqa: ARG002
        """The generator's loss with the trick worked in, a float32 scalar; called where `matches`.

        Args:
            loss: of the objective.
            real: the discriminator's features of real samples (N, F), without a graph.
            fake: of generated samples (N, F).
        """
        return loss


TRICKS: Registry[Trick] = Registry("trick", "ganbench.games.tricks")
