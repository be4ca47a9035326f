"""One image: decoded, cropped to its central square, resized."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ganbench.data.files import one_line
from ganbench.data.source import Halves, Pair, Payload, Picture, Unreadable

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""Others are refused: some of Pillow's readers start programs."""
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
    RuntimeError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises on corrupt files."""
DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")
"""Grey of 16 bits; Pillow gives some formats' as 32-bit integers."""


@dataclass(frozen=True)
class Recipe:
    """What every image becomes: uint8 (resolution, resolution, channels); of a pair both, one's channels first."""

    resolution: int
    channels: int
    filter: str = "lanczos"
    pairs: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a record: (H, W, C), of pairs (H, W, 2 C)."""
        return self.resolution, self.resolution, self.channels * (2 if self.pairs else 1)


@dataclass
class Chunk:
    """Several prepared images, fit to be sent between processes."""

    pixels: bytearray = field(default_factory=bytearray)
    """Of the readable ones, one after the other."""
    digests: list[bytes | str] = field(default_factory=list)
    """One an image: the SHA-256 of its pixels, or why it is unreadable."""


def prepare_chunk(recipe: Recipe, payloads: Sequence[Payload]) -> Chunk:
    """Decode and prepare images; what cannot be read is noted, not raised."""
    chunk = Chunk()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for payload in payloads:
            try:
                pixels = prepare_record(recipe, payload).tobytes()
            except UnidentifiedImageError:
                chunk.digests.append(f"not an image of the formats {', '.join(FORMATS)}")
            except BROKEN as error:
                chunk.digests.append(one_line(error))
            else:
                chunk.pixels += pixels
                chunk.digests.append(hashlib.sha256(pixels).digest())
    return chunk


def prepare_record(recipe: Recipe, payload: Payload) -> NDArray[np.uint8]:
    """Decode an image, or both of a pair: uint8 of the recipe's shape, a pair's images along the channels.

    Raises:
        One of `BROKEN`: an image is unreadable.
    """
    match payload:
        case Pair(a, b):
            images = [decode(a), decode(b)]
        case Halves(whole):
            both = decode(whole)
            middle = both.width // 2
            images = [
                both.crop((0, 0, middle, both.height)),
                both.crop((both.width - middle, 0, both.width, both.height)),
            ]
        case _:
            images = [decode(payload)]
    return np.concatenate([fit(recipe, image) for image in images], axis=2)


def prepare_image(recipe: Recipe, payload: Picture) -> NDArray[np.uint8]:
    """`decode`, then `fit`: uint8 (H, W, C).

    Raises:
        One of `BROKEN`: the image is unreadable.
    """
    return fit(recipe, decode(payload))


def fit(recipe: Recipe, image: Image.Image) -> NDArray[np.uint8]:
    """Crop the central square, resize with Pillow's filter, then grey (ITU-R 601) or RGB.

    Returns:
        uint8 (H, W, C), H = W = the recipe's resolution, C its channels.
    """
    side, size, mode = min(image.size), (recipe.resolution, recipe.resolution), "L" if recipe.channels == 1 else "RGB"
    if image.width != image.height:
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
    if image.size != size:
        image = image.resize(size, Image.Resampling[recipe.filter.upper()])
    return np.asarray(image if image.mode == mode else image.convert(mode)).reshape(*size, recipe.channels)


def decode(payload: Picture) -> Image.Image:
    """A grey (L) or colour (RGB) image, turned as its EXIF orientation says; of several frames the first.

    Transparent parts lie on white; 16 bits are scaled to 8.

    Raises:
        One of `BROKEN`: the image is unreadable.
    """
    if isinstance(payload, Unreadable):
        raise OSError(payload.reason)
    if isinstance(payload, np.ndarray):
        return Image.fromarray(payload)
    with Image.open(payload if isinstance(payload, Path) else io.BytesIO(payload), formats=FORMATS) as file:
        image: Image.Image = file
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
    if image.mode in DEEP:
        values = np.asarray(image).astype(np.int64).clip(0, 65535)
        return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("float pixels, whose range is unknown")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")
