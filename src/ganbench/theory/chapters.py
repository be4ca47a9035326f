"""The chapters of the theory, in the order of `docs/theory.md`; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable

from ganbench.theory import (
    conjugates,
    convolution,
    discriminator,
    entropy,
    equilibrium,
    estimate,
    fitting,
    lipschitz,
    slope,
    supports,
    transport,
)
from ganbench.theory.statement import Chapter

CHAPTERS: dict[str, Callable[[int], Chapter]] = {
    "entropy": entropy.chapter,
    "discriminator": discriminator.chapter,
    "equilibrium": equilibrium.chapter,
    "supports": supports.chapter,
    "transport": transport.chapter,
    "conjugates": conjugates.chapter,
    "fitting": fitting.chapter,
    "lipschitz": lipschitz.chapter,
    "slope": slope.chapter,
    "estimate": estimate.chapter,
    "convolution": convolution.chapter,
}
"""Name → what computes it from a seed."""
