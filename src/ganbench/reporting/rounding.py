"""How precise the numbers in the files are."""

from __future__ import annotations

DIGITS = 6
"""Significant digits."""


def rounded(value: float) -> float:
    """To six significant digits."""
    return float(f"{value:.{DIGITS}g}")
