"""Pictures inside the page: data URIs of bounded size."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ganbench.errors import BenchError
from ganbench.reporting.read import require

PICTURE_LIMIT = 256_000
"""Bytes beyond which a still picture is made smaller."""
FILM_LIMIT = 2_000_000
"""Bytes beyond which a film is left out."""
WIDEST = 1280


@dataclass(frozen=True)
class Picture:
    """An embedded picture; `dark` is its other self for dark mode, `still` for readers who want no motion."""

    uri: str
    width: int
    height: int
    dark: str | None = None
    still: str | None = None


def embed(path: Path, command: str) -> Picture:
    """A picture from disk: as it is while it is small, else reduced and, where that does not do, as JPEG.

    Raises:
        BenchError: no such file, or not a picture; `command` makes it.
    """
    data = require(path, command).read_bytes()
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            kind = str(image.format).lower()
            if len(data) <= PICTURE_LIMIT and image.width <= 2 * WIDEST:
                return Picture(_uri(kind, data), image.width, image.height)
            return _reduced(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise BenchError(f"{path}: not readable as a picture: {' '.join(str(error).split())}; run {command}") from None


def film(path: Path, still: Path, command: str) -> Picture:
    """A GIF of less than 2 MB with a still for those who want no motion; of a larger one, the still alone.

    Raises:
        BenchError: as `embed`.
    """
    alone = embed(still, command)
    data = require(path, command).read_bytes()
    if len(data) >= FILM_LIMIT:
        return alone
    return Picture(_uri("gif", data), alone.width, alone.height, still=alone.uri)


def drawn(light: bytes, dark: bytes | None = None) -> Picture:
    """A PNG that was just drawn, for light and for dark mode."""
    with Image.open(io.BytesIO(light)) as image:
        width, height = image.size
    return Picture(_uri("png", light), width, height, dark=_uri("png", dark) if dark else None)


def from_image(image: Image.Image) -> Picture:
    """A picture from memory."""
    data = _bytes(image, "PNG")
    if len(data) <= PICTURE_LIMIT:
        return Picture(_uri("png", data), image.width, image.height)
    return _reduced(_on_white(image))


def _reduced(image: Image.Image) -> Picture:
    """The largest version below the limit: PNG at full width, then JPEG at shrinking widths."""
    image.thumbnail((WIDEST, 8 * WIDEST), Image.Resampling.LANCZOS)
    data, kind = _bytes(image, "PNG"), "png"
    while len(data) > PICTURE_LIMIT:
        data, kind = _bytes(image, "JPEG", quality=85), "jpeg"
        if len(data) > PICTURE_LIMIT:
            image = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)
    with Image.open(io.BytesIO(data)) as small:
        return Picture(_uri(kind, data), small.width, small.height)


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.mode else None)
    return flat


def _bytes(image: Image.Image, kind: str, quality: int = 85) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"quality": quality} if kind == "JPEG" else {"optimize": True}))
    return buffer.getvalue()


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
