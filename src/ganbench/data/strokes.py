"""What handwriting looks like, measured on the image: how thick its strokes are, and how it leans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
THICKNESS = ("thin", "medium", "thick")
LEAN = ("left", "upright", "right")
PHRASES = ("leaning left", "upright", "leaning right")
ATTRIBUTES: Mapping[str, Sequence[str]] = MappingProxyType({"digit": DIGITS, "thickness": THICKNESS, "lean": LEAN})
"""Columns of the table, with the names of their values."""


def width(images: NDArray[np.uint8]) -> Array:
    """Mean width of the strokes in pixels, (N,), of light strokes on black, uint8 (N, H, W).

    A stroke of width w and length l ≫ w covers A = w·l and has a perimeter of P ≈ 2l, so w ≈ 2A/P. Area is the sum
    of the ink, 0 … 1 a pixel, and perimeter its total variation, so that soft edges count as what they are.
    """
    padded = np.pad(_ink(images), ((0, 0), (1, 1), (1, 1)))
    across, down = np.diff(padded, axis=2), np.diff(padded, axis=1)
    across, down = (across[:, 1:] + across[:, :-1]) / 2, (down[:, :, 1:] + down[:, :, :-1]) / 2
    perimeter = np.sqrt(across**2 + down**2).sum(axis=(1, 2))
    return np.asarray(2 * padded.sum(axis=(1, 2)) / np.maximum(perimeter, np.finfo(float).tiny))


def slant(images: NDArray[np.uint8]) -> Array:
    """How far strokes go to the right per pixel upwards, (N,), by second moments of the ink of uint8 (N, H, W).

    With x to the right and y upwards it is μ_xy / μ_yy: moving every row by s·y adds exactly s.
    """
    ink = _ink(images)
    total = np.maximum(ink.sum(axis=(1, 2)), np.finfo(float).tiny)
    y, x = -np.arange(ink.shape[1]), np.arange(ink.shape[2])
    rows, columns = ink.sum(axis=2) / total[:, None], ink.sum(axis=1) / total[:, None]
    y_mean, x_mean = rows @ y, columns @ x
    covariance = ((ink @ x) @ y) / total - x_mean * y_mean
    variance = rows @ y**2 - y_mean**2
    flat = variance <= 0
    return np.asarray(np.where(flat, 0, covariance / np.where(flat, 1, variance)))


def _ink(images: NDArray[np.uint8]) -> Array:
    """0 … 1, the lightest pixel of each image at 1."""
    most = np.maximum(images.max(axis=(1, 2), keepdims=True), 1)
    return np.asarray(images / most)


@dataclass(frozen=True)
class Hand:
    """What is usual in a set of handwritten digits: a digit is thick, or leans, as compared with its own kind.

    A zero is written with thinner strokes than an eight, and a seven's strokes go to the right without anybody
    calling it a leaning one, so each digit is compared with the median of its own training images.

    Attributes:
        widths: medians of `width`, by digit.
        slants: medians of `slant`, by digit.
        width_margin: nearer than that to the median is medium.
        slant_margin: nearer than that to the median is upright.
    """

    widths: tuple[float, ...]
    slants: tuple[float, ...]
    width_margin: float
    slant_margin: float

    def attributes(self, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> NDArray[np.int8]:
        """Digit, thickness and lean, int8 (N, 3): indices into the values of `ATTRIBUTES`.

        Args:
            images: light strokes on black, uint8 (N, H, W).
            labels: (N,), 0 to 9.
        """
        thick = width(images) - np.array(self.widths)[labels]
        lean = slant(images) - np.array(self.slants)[labels]
        values = (labels, _third(thick, self.width_margin), _third(lean, self.slant_margin))
        return np.stack(values, axis=1).astype(np.int8)


def caption(attributes: Sequence[int]) -> str:
    """``(7, 2, 0)`` → ``a thick seven, leaning left``."""
    digit, thickness, lean = attributes
    return f"a {THICKNESS[thickness]} {DIGITS[digit]}, {PHRASES[lean]}"


def _third(value: Array, margin: float) -> NDArray[np.int64]:
    """0 below −margin, 2 above margin, else 1."""
    return 1 + (value > margin).astype(np.int64) - (value < -margin)
