"""How long a measurement may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure."""

    rounds: int = 8
    """Interleaved rounds of a comparison."""

    seconds: float = 0.5
    """For which each contestant plays in a round; at least one of its own rounds."""

    product_seconds: float = 0.02
    """For which a product is timed alone, in each layout."""

    repeats: int = 3
    """Of a command that is timed as a whole."""

    scale: tuple[int, ...] = (1, 4, 16)
    """Sizes, relative to the smallest."""

    cells: int = 15
    """In the smallest project whose no-op is timed."""

    features: tuple[int, int] = (50_000, 2048)
    """Images on either side of a metric, and the width of their features."""

    share: float = 1.0
    """Of the declared budget, where a cell is trained to its end."""


QUICK = Effort(
    rounds=2, seconds=0.01, product_seconds=0.001, repeats=1, scale=(1, 4), cells=2, features=(1500, 16), share=0.02
)
"""To see that it works; its numbers mean nothing."""
