"""Edges of images, as thin dark lines on white (Canny 1986)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOW = 0.4
"""A weak edge is this part of a strong one; it counts where it touches one."""


def edges(images: NDArray[np.uint8], sigma: float, strong: float) -> NDArray[np.uint8]:
    """Thin edges: 0 on an edge, 255 elsewhere, uint8 (N, H, W, 1).

    Smoothing, Sobel gradients of each channel, of which the strongest counts; pixels that are not a maximum across
    the edge are dropped, and weak ones that touch no strong one. Thresholds are parts of the image's own strongest
    gradient: the lines say where colours change, and not by how much.

    Args:
        images: uint8 (N, H, W, C).
        sigma: of the Gaussian that smooths, in pixels.
        strong: part of the strongest gradient from which on an edge is one.
    """
    from scipy import ndimage

    # rounded, so that the two sides of a straight edge are equal and the same one is taken all along it
    smooth = ndimage.gaussian_filter(images.astype(np.float32), (0, sigma, sigma, 0), mode="nearest")
    rise, weights = (-1, 0, 1), (1, 2, 1)
    down, across = (
        ndimage.correlate1d(ndimage.correlate1d(smooth, rise, axis, mode="nearest"), weights, 3 - axis, mode="nearest")
        for axis in (1, 2)
    )
    steep = np.square(down) + np.square(across)
    channel = steep.argmax(axis=3)[..., None]
    down, across, steep = (
        np.take_along_axis(values, channel, axis=3)[..., 0] for values in (down, across, np.rint(np.sqrt(steep)))
    )
    kept = np.where(_is_ridge(steep, down, across), steep, 0)
    most = kept.max(axis=(1, 2), keepdims=True)
    sure = (kept >= strong * most) & (kept > 1)
    weak = (kept >= LOW * strong * most) & (kept > 1)
    touching = np.zeros((3, 3, 3), bool)
    touching[1] = True
    lines = ndimage.binary_propagation(sure, touching, mask=weak)
    return np.where(lines, 0, 255).astype(np.uint8)[..., None]


def _is_ridge(steep: NDArray[np.float32], down: NDArray[np.float32], across: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a gradient, (N, H, W), is larger than those before and not smaller than those behind it."""
    padded = np.pad(steep, ((0, 0), (1, 1), (1, 1)))
    height, width = steep.shape[1:]

    def at(y: int, x: int) -> NDArray[np.float32]:
        return padded[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width]

    tangent = np.tan(np.pi / 8)
    flat, upright = np.abs(down) <= tangent * np.abs(across), np.abs(across) < tangent * np.abs(down)
    falling = down * across > 0
    ridge = np.where(falling, (steep > at(-1, -1)) & (steep >= at(1, 1)), (steep > at(-1, 1)) & (steep >= at(1, -1)))
    ridge = np.where(upright, (steep > at(-1, 0)) & (steep >= at(1, 0)), ridge)
    return np.where(flat, (steep > at(0, -1)) & (steep >= at(0, 1)), ridge)
