"""What conditions a game, beside noise."""

from __future__ import annotations

from ganbench.registry import Registry


class Condition:
    """What the players are told about a sample. Its fields are its options."""


CONDITIONS: Registry[Condition] = Registry("condition", "ganbench.games.conditions")
