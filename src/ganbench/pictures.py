"""Pictures made of many small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

BACKGROUND = 255
LETTERS = 13
FRAME_MS = 400


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


def film(pictures: Sequence[Path], path: Path) -> None:
    """Write pictures, one or more, as a film, one after the other; the last stays longer."""
    frames = [Image.open(picture).quantize(256) for picture in pictures]
    durations = [FRAME_MS] * (len(frames) - 1) + [5 * FRAME_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0)


def captioned(rows: Sequence[Image.Image], captions: Sequence[str], pad: int = 4) -> Image.Image:
    """Pictures below each other, each under its caption, on white.

    Args:
        rows: one or more.
        captions: one a picture.
        pad: pixels around captions.
    """
    font = ImageFont.load_default(LETTERS)
    line = LETTERS + 2 * pad
    wide = max(*(int(font.getlength(caption)) + 2 * pad for caption in captions), *(row.width for row in rows))
    sheet = Image.new("RGB", (wide, sum(line + row.height for row in rows)), (BACKGROUND,) * 3)
    pen, top = ImageDraw.Draw(sheet), 0
    for row, caption in zip(rows, captions, strict=True):
        pen.text((pad, top + pad), caption, fill=0, font=font)
        sheet.paste(row.convert("RGB"), (0, top + line))
        top += line + row.height
    return sheet
