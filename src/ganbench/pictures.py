"""Pictures made of many small pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BACKGROUND = 255


def grid(images: NDArray[np.uint8], columns: int, pad: int = 2, scale: int = 1) -> Image.Image:
    """Lay images out in rows, left to right.

    Args:
        images: uint8 (N, H, W, C), C = 1 or 3, N ≥ 1.
        columns: images in a row.
        pad: pixels between and around the images, before scaling.
        scale: every pixel becomes scale × scale pixels.
    """
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + pad) + pad, columns * (width + pad) + pad, channels), BACKGROUND, np.uint8)
    for index, image in enumerate(images):
        top = pad + index // columns * (height + pad)
        left = pad + index % columns * (width + pad)
        sheet[top : top + height, left : left + width] = image
    sheet = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    return Image.fromarray(sheet[..., 0] if channels == 1 else sheet)


def scale_for(resolution: int, target: int = 64) -> int:
    """The whole factor that brings small images to about `target` pixels, for the eye."""
    return max(1, target // resolution)
