"""What is read while a training runs; it needs nothing else, so whoever follows a training can have it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """The losses of one iteration."""

    iteration: int
    """Rounds played, counted from 1."""

    images: int
    """Real images shown so far."""

    losses: dict[str, float]

    @property
    def not_finite(self) -> str | None:
        """Name of the first loss that is NaN or infinite."""
        return next((name for name, loss in self.losses.items() if not abs(loss) < float("inf")), None)
