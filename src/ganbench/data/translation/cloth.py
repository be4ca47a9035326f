"""Pairs of drawn images of which the first leaves open where the stripes of the second lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ganbench.data.source import Item, Pair, Split
from ganbench.data.sources.shapes import (
    COLOURS,
    SHAPES,
    SIDE,
    SIZES,
    STEPS,
    Drawing,
    Numbers,
    Real,
    Shapes,
    coverage,
    hue,
    is_held_out,
    paint,
)

DYES = ((235, 150, 130), (150, 205, 140), (140, 165, 235), (235, 205, 110))
"""The hue of the ground of each shape."""
WEAVES = ("across", "along", "falling", "rising", "flat", "dotted")
"""The stripes that each colour stands for."""
STRIPE = 40
"""How dark a stripe is."""
PERIOD = 16
"""Of the stripes, in pixels of 64. A stripe is a quarter as wide, so the median over all its places has none."""
PLACES = 4
CLOTHS = [(shape, colour) for shape in range(len(SHAPES)) for colour in range(len(COLOURS))
          if not is_held_out(colour, shape)]  # fmt: skip
"""By class; train and test have the same."""
WHITE = np.float32(255)


class OnCloth(Shapes):
    """Pairs: a white shape on a ground flat in its colour, and the same shape on cloth.

    The cloth's hue follows from the shape, its weave from the colour; where its stripes lie is one of four accidents
    that the first image does not tell.
    """

    captioned = False
    columns: tuple[str, ...] = ()

    @property
    def classes(self) -> list[str]:
        """The cloths: «circle across»."""
        return [f"{SHAPES[shape]} {WEAVES[colour]}" for shape, colour in CLOTHS]

    def _items(self, split: Split, first: int, places: Numbers, whole: Drawing) -> Iterator[Item]:
        part = known(Drawing(*(column[places] for column in whole)))
        shape = coverage(part)
        images = zip(paint(hue(part), WHITE, shape), paint(cloth(part), WHITE, shape), strict=True)
        kinds = zip(part.shape, part.colour, strict=True)
        for index, pair, kind in zip(places.tolist(), images, kinds, strict=True):
            yield Item(first + index, f"{split}/{index:05}", Pair(*pair), CLOTHS.index(kind), split)


def known(drawing: Drawing) -> Drawing:
    """Large, so that 16 pixels show which shape it is; a combination that train lacks has the next colour."""
    held_out = np.array([is_held_out(*pair) for pair in zip(drawing.colour, drawing.shape, strict=True)], bool)
    large = np.full_like(drawing.size, list(SIZES).index("large"))
    return drawing._replace(colour=(drawing.colour + held_out) % len(COLOURS), size=large)


def place(drawing: Drawing) -> Numbers:
    """Where the stripes lie, (N,) below `PLACES`: by the two accidents that are not drawn."""
    return (drawing.darker * STEPS + drawing.background) % PLACES


def cloth(drawing: Drawing) -> Real:
    """Stripes on a ground, float32 (N, 64, 64, 3)."""
    shift = (place(drawing) * (PERIOD // PLACES))[:, None, None]
    down, right = np.arange(SIDE)[:, None], np.arange(SIDE)
    across, along, falling, rising, flat = (
        (line + shift) % PERIOD < PERIOD // 4 for line in (down, right, down - right, down + right, down + right // 2)
    )
    weaves = np.stack(np.broadcast_arrays(across, along, falling, rising, flat, across & along))
    stripe = weaves[drawing.colour, np.arange(len(drawing.colour))][..., None]
    dye = np.array(DYES, np.float32)[drawing.shape][:, None, None, :]
    return np.where(stripe, np.float32(STRIPE), dye)
