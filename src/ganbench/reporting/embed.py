"""Pictures inside the page: data URIs of bounded size.

They are WebP without loss: the same pixels as those of PNG and GIF, in far fewer bytes.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

from ganbench.errors import BenchError
from ganbench.reporting.read import require

PICTURE_LIMIT = 256_000
"""Bytes beyond which a still picture is made smaller."""
FILM_LIMIT = 2_000_000
"""Bytes beyond which a film is left out."""
WIDEST = 1280
QUALITY = 85
"""Of JPEG, 0 to 100."""
BROKEN = (UnidentifiedImageError, OSError)
"""What Pillow raises where a file is no picture, or is cut off."""


@dataclass(frozen=True)
class Picture:
    """An embedded picture; `dark` is its other self for dark mode, `still` for readers who want no motion."""

    uri: str
    width: int
    height: int
    dark: str | None = None
    still: str | None = None


def embed(path: Path, command: str) -> Picture:
    """A picture from disk: pixel by pixel while it is small, else reduced and, where that does not do, as JPEG.

    Raises:
        BenchError: no such file, or not a picture; `command` makes it.
    """
    image, size = _opened(path, command), path.stat().st_size
    if size <= PICTURE_LIMIT and image.width <= 2 * WIDEST:
        return Picture(_uri("webp", _webp(image)), image.width, image.height)
    return _reduced(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def film(path: Path, still: Path, command: str) -> Picture:
    """A film of less than 2 MB with a still for those who want no motion; of a larger one, the still alone.

    Pixels that were magnified by a whole factor are embedded once each: the page magnifies films again.

    Raises:
        BenchError: as `embed`.
    """
    data = require(path, command).read_bytes()
    try:
        with Image.open(io.BytesIO(data)) as moving:
            frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]
            durations = [int(frame.info["duration"]) for frame in ImageSequence.Iterator(moving)]
    except BROKEN as error:
        raise _unreadable(path, error, command) from None
    frames = _demagnified(frames)
    small = _webp(frames[0], save_all=True, append_images=frames[1:], duration=durations, loop=0)
    if len(small) >= FILM_LIMIT:
        return embed(still, command)
    (last,) = _demagnified([_opened(still, command)])
    return Picture(_uri("webp", small), *frames[0].size, still=_uri("webp", _webp(last)))


def drawn(light: bytes, dark: bytes | None = None) -> Picture:
    """A PNG that was just drawn, for light and for dark mode."""
    with Image.open(io.BytesIO(light)) as image:
        width, height = image.size
    return Picture(_uri("webp", _recoded(light)), width, height, dark=_uri("webp", _recoded(dark)) if dark else None)


def from_image(image: Image.Image) -> Picture:
    """A picture from memory."""
    data = _webp(image)
    if len(data) <= PICTURE_LIMIT:
        return Picture(_uri("webp", data), image.width, image.height)
    return _reduced(_on_white(image))


def _reduced(image: Image.Image) -> Picture:
    """The largest version below the limit: without loss at full width, then JPEG at shrinking widths."""
    image.thumbnail((WIDEST, 8 * WIDEST), Image.Resampling.LANCZOS)
    data, kind = _webp(image), "webp"
    while len(data) > PICTURE_LIMIT:
        data, kind = _jpeg(image), "jpeg"
        if len(data) > PICTURE_LIMIT:
            image = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)
    with Image.open(io.BytesIO(data)) as small:
        return Picture(_uri(kind, data), small.width, small.height)


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.mode else None)
    return flat


def _opened(path: Path, command: str) -> Image.Image:
    """A picture, read as a whole.

    Raises:
        BenchError: no such file, or not a picture; `command` makes it.
    """
    data = require(path, command).read_bytes()
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except BROKEN as error:
        raise _unreadable(path, error, command) from None
    return image


def _unreadable(path: Path, error: Exception, command: str) -> BenchError:
    return BenchError(f"{path}: not readable as a picture: {' '.join(str(error).split())}; run {command}")


def _demagnified(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Frames of one size, reduced by the largest whole factor by which all their pixels were repeated."""
    pixels = np.stack([np.asarray(frame) for frame in frames])
    factor = math.gcd(*pixels.shape[1:3])
    for axis in (1, 2):
        lines = np.moveaxis(pixels, axis, 0)
        changes = (lines[1:] != lines[:-1]).any(axis=tuple(range(1, pixels.ndim)))
        factor = math.gcd(factor, *(1 + np.flatnonzero(changes)).tolist())
    return [Image.fromarray(frame[::factor, ::factor]) for frame in pixels]


def _recoded(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as image:
        return _webp(image)


def _webp(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, method=2, **options)
    return buffer.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
