"""No condition: noise alone."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.games.condition import CONDITIONS, Condition


@CONDITIONS.register("none")
@dataclass(frozen=True)
class Unconditional(Condition):
    """The players are told nothing."""
