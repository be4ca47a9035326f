"""Drawn shapes with captions: an embedded set whose every attribute is known."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import SOURCES, Item, Source, Split
from ganbench.errors import BenchError
from ganbench.params import Prepare

CARD = "source.json"
SIDE = 64
CHUNK = 64

COLOURS = {
    "red": (215, 55, 45),
    "green": (60, 175, 75),
    "blue": (20, 60, 200),
    "yellow": (250, 205, 20),
    "purple": (145, 60, 190),
    "cyan": (0, 190, 215),
}
SHAPES = ("circle", "square", "triangle", "cross")
SIZES = {"small": 0.14, "large": 0.23}
"""Radii; the image's side is 1."""
POSITIONS = {
    "top left": (0.32, 0.32),
    "top right": (0.68, 0.32),
    "bottom left": (0.32, 0.68),
    "bottom right": (0.68, 0.68),
    "centre": (0.5, 0.5),
}
HELD_OUT = (("green", "circle"), ("yellow", "square"), ("blue", "triangle"), ("red", "cross"))
"""Combinations that train lacks; each of their words occurs there in others."""
FILL = ("red", "blue", "yellow", "green")
"""Where the image follows from its outline: the colour of each shape."""
BACKGROUND = 243
STEPS = 9
"""Values of every small accident: place, radius, angle, brightness of shape and background."""

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Real = NDArray[np.float32]


class Drawing(NamedTuple):
    """What is drawn, in whole numbers, each (N,): indices of attributes, then accidents from −4 to 4."""

    colour: Numbers
    shape: Numbers
    size: Numbers
    position: Numbers
    right: Numbers
    down: Numbers
    bigger: Numbers
    turned: Numbers
    darker: Numbers
    background: Numbers


@SOURCES.register("shapes")
class Shapes(Source):
    """One circle, square, triangle or cross on a light ground, 64×64 in colour: «a small red circle, top left».

    Train draws its attributes evenly from all combinations but those whose colour and shape are held out; test draws
    evenly from all, so one in six of its images shows what train never did. The raw set is a card, ``source.json``:
    how many images, from which seed, and the SHA-256 of the drawn numbers (train, then test; 10 × N int64 each, as
    `Drawing` orders them). Every image is a function of its numbers alone, in arithmetic that every machine rounds
    alike.
    """

    embedded = True
    captioned = True
    columns: tuple[str, ...] = ("colour", "shape", "size", "position", "held_out")
    attributes: Mapping[str, Sequence[str]] = {
        "colour": tuple(COLOURS),
        "shape": SHAPES,
        "size": tuple(SIZES),
        "position": tuple(POSITIONS),
    }

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        self._card = root / CARD
        self._grey = self._follows = False
        try:
            card = json.loads(self._card.read_text(encoding="utf-8"))
            self._counts: dict[Split, int] = {"train": int(card["train"]), "test": int(card["test"])}
            self._seed, self._sha256 = int(card["seed"]), str(card["sha256"])
        except FileNotFoundError:
            raise BenchError(f"{self._card}: no such file; it belongs to the project: git checkout {root}") from None
        except (ValueError, KeyError, TypeError):
            raise BenchError(f"{self._card}: expected a JSON object with train, test, seed and sha256") from None

    def in_grey(self, key: str) -> Shapes:  # noqa: ARG002
        """Grey shows no hue: captions and table say nothing of the colour, and what is held out are no combinations."""
        grey = copy.copy(self)
        grey._grey = True
        grey.columns = self.columns[1:-1]
        grey.attributes = {name: values for name, values in self.attributes.items() if name != "colour"}
        return grey

    def determined(self) -> Shapes:
        """Each shape has a colour of its own, and brightness does not vary: outlines say all that there is to see."""
        follows = copy.copy(self)
        follows._follows = True
        return follows

    @property
    def classes(self) -> list[str]:
        """The four shapes."""
        return list(SHAPES)

    def __len__(self) -> int:
        return sum(self._counts.values())

    @cached_property
    def _drawings(self) -> dict[Split, Drawing]:
        drawn = {split: numbers(count, self._seed, split) for split, count in self._counts.items()}
        found = hashlib.sha256(b"".join(np.stack(drawing).tobytes() for drawing in drawn.values())).hexdigest()
        if found != self._sha256:
            raise BenchError(f"{self._card}: sha256: {self._sha256}: the numbers drawn here have {found}")
        return drawn

    def __iter__(self) -> Iterator[Item]:
        return self.some(range(len(self)))

    def some(self, positions: Collection[int]) -> Iterator[Item]:
        """Only what is asked for is drawn."""
        first = 0
        for split, whole in self._drawings.items():
            places = np.array([place for place in range(self._counts[split]) if first + place in positions], np.int64)
            for start in range(0, len(places), CHUNK):
                yield from self._items(split, first, places[start : start + CHUNK], whole)
            first += self._counts[split]

    def _items(self, split: Split, first: int, places: Numbers, whole: Drawing) -> Iterator[Item]:
        part = Drawing(*(column[places] for column in whole))
        part = determined(part) if self._follows else part
        for index, (place, image) in enumerate(zip(places.tolist(), draw(part), strict=True)):
            values = tuple(int(column[index]) for column in part[:4])
            held_out = split == "test" and is_held_out(values[0], values[1]) and not self._follows
            extra = values[1:] if self._grey else (*values, int(held_out))
            yield Item(first + place, f"{split}/{place:05}", image, values[1], split, extra, self._caption(values))

    def _caption(self, values: tuple[int, ...]) -> str:
        colour, shape, size, position = values
        hue = "" if self._grey else f"{tuple(COLOURS)[colour]} "
        return f"a {tuple(SIZES)[size]} {hue}{SHAPES[shape]}, {tuple(POSITIONS)[position]}"


def is_held_out(colour: int, shape: int) -> bool:
    """Whether train lacks this combination."""
    return (tuple(COLOURS)[colour], SHAPES[shape]) in HELD_OUT


def numbers(count: int, seed: int, split: Split) -> Drawing:
    """What the images of a split show: a pure function of seed, split and place.

    Of NumPy's random numbers only the raw stream of PCG64 is taken, which all its versions keep.
    """
    raw = np.random.PCG64([seed, ("train", "test").index(split)]).random_raw(10 * count).reshape(count, 10)
    high = (raw >> np.uint64(32)).astype(np.int64)
    pairs = np.array(
        [
            (colour, shape)
            for colour in range(len(COLOURS))
            for shape in range(len(SHAPES))
            if split == "test" or not is_held_out(colour, shape)
        ]
    )
    colour, shape = pairs[high[:, 0] % len(pairs)].T
    accidents = high[:, 3:9] % STEPS - STEPS // 2
    return Drawing(colour, shape, high[:, 1] % len(SIZES), high[:, 2] % len(POSITIONS), *accidents.T)


def determined(drawing: Drawing) -> Drawing:
    """The same places, sizes and angles, with colours and brightness that follow from the shape."""
    fill = np.array([tuple(COLOURS).index(colour) for colour in FILL])
    still = np.zeros_like(drawing.shape)
    return drawing._replace(colour=fill[drawing.shape], darker=still, background=still)


def draw(drawing: Drawing) -> Pixels:
    """Images uint8 (N, 64, 64, 3) with anti-aliased edges."""
    ground = BACKGROUND + 10 * _accident(drawing.background)[..., None]
    return paint(ground, hue(drawing) * (0.92 + 0.08 * _accident(drawing.darker))[..., None], coverage(drawing))


def coverage(drawing: Drawing) -> Real:
    """How much of each pixel the shape covers, float32 (N, 64, 64, 1) in [0, 1].

    Signed distances to the outline, in pixels, become coverage. Addition, multiplication, division and square root
    alone are used: they are rounded alike everywhere, sines and cosines are not.
    """
    centre = np.array(list(POSITIONS.values()), np.float32)[drawing.position]
    radius = np.array(list(SIZES.values()), np.float32)[drawing.size][:, None, None]
    radius = radius * (1 + 0.06 * _accident(drawing.bigger))
    grid = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    x = grid[None, None, :] - centre[:, 0, None, None] - 0.03 * _accident(drawing.right)
    y = grid[None, :, None] - centre[:, 1, None, None] - 0.03 * _accident(drawing.down)
    half = 0.06 * _accident(drawing.turned)  # tangent of half the angle
    cosine, sine = (1 - half**2) / (1 + half**2), 2 * half / (1 + half**2)
    x, y = cosine * x + sine * y, cosine * y - sine * x
    distance = np.empty(x.shape, np.float32)
    for index, outline in enumerate((_circle, _square, _triangle, _cross)):
        chosen = drawing.shape == index
        distance[chosen] = outline(x[chosen], y[chosen], radius[chosen])
    return np.asarray(np.clip(0.5 - SIDE * distance, 0, 1)[..., None])


def _accident(column: Numbers) -> Real:
    """In [−1, 1], float32 (N, 1, 1)."""
    return np.asarray(column[:, None, None].astype(np.float32) / np.float32(STEPS // 2))


def hue(drawing: Drawing) -> Real:
    """Of the colour, float32 (N, 1, 1, 3)."""
    return np.array(list(COLOURS.values()), np.float32)[drawing.colour][:, None, None, :]


def paint(ground: Real, ink: Real | np.float32, covered: Real) -> Pixels:
    """Ink where the shape is, ground elsewhere, uint8 (N, 64, 64, 3)."""
    return np.asarray(np.rint(ground + covered * (ink - ground)).astype(np.uint8))


def _circle(x: Real, y: Real, radius: Real) -> Real:
    return np.asarray(np.sqrt(x * x + y * y) - radius)


def _square(x: Real, y: Real, radius: Real) -> Real:
    return np.asarray(np.maximum(np.abs(x), np.abs(y)) - 0.88 * radius)


def _triangle(x: Real, y: Real, radius: Real) -> Real:
    """Equilateral, a corner up; its corners lie 1.2 radii from its middle."""
    inner = 0.6 * radius
    return np.asarray(np.maximum(y, np.sqrt(np.float32(0.75)) * np.abs(x) - y / 2) - inner)


def _cross(x: Real, y: Real, radius: Real) -> Real:
    """Two bars."""
    x, y, bar = np.abs(x), np.abs(y), 0.36 * radius
    return np.asarray(np.minimum(np.maximum(x - radius, y - bar), np.maximum(x - bar, y - radius)))
