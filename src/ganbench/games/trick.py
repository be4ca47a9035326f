"""What a training trick is to the rest of the bench."""

from __future__ import annotations

from ganbench.objectives.objective import Objective
from ganbench.registry import Registry


class Trick:
    """A trick changes the objective, or asks for an average of the generator. Its fields are its options."""

    def objection(self, objective: Objective) -> str | None:  # noqa: ARG002
        """Why the trick makes no sense with this objective, or None."""
        return None

    def apply(self, objective: Objective) -> Objective:
        """The objective with the trick worked in."""
        return objective

    def average_half_life(self) -> float | None:
        """Half-life, in images, of the moving average of the generator that it asks for."""
        return None


TRICKS: Registry[Trick] = Registry("trick", "ganbench.games.tricks")
