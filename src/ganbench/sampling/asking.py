"""Conditional generators are asked for classes, or for what captions say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ganbench.cell import Cell
from ganbench.data.captions import split_words
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.games.condition import COLUMNS, Condition
from ganbench.games.given import Given
from ganbench.networks.network import Generator
from ganbench.params import Params, unknown
from ganbench.pictures import captioned, grid, scale_for
from ganbench.sampling.drawing import codes_of, draw, draw_asked, interpolate, latents, render
from ganbench.sampling.players import declared_recipe, given_of, load_generator

Wanted = list[str] | NDArray[np.int64]
"""Captions, or labels (N,)."""


@dataclass(frozen=True)
class Asked:
    """What was asked for, N times.

    Attributes:
        rows: int64 (N,), held-out images that were such.
        values: their captions or labels.
    """

    rows: NDArray[np.int64]
    values: Wanted


@dataclass(frozen=True)
class Asker:
    """Somebody who asks a conditional generator.

    Attributes:
        generator: in evaluation mode.
        condition: of its cell.
        given: what it was told of its data.
        device: where it is.
    """

    generator: Generator
    condition: Condition
    given: Given
    device: torch.device

    @property
    def exhibition_name(self) -> str:
        """Of the picture's file."""
        return "classes.png" if self.condition.tells == "labels" else "captions.png"

    @property
    def examples(self) -> Wanted:
        """Every class, up to a number, or some held-out captions."""
        if self.condition.tells == "captions":
            return self.given.examples
        return np.arange(min(len(self.given.classes), COLUMNS))

    def held_out(self, store: Store, count: int, seed: int) -> Asked:
        """What held-out images are: all of them in a random order that the seed decides, over and over."""
        labels = store.labels("test")
        rows = np.flatnonzero((labels >= 0) & (labels < len(self.given.classes)))
        if self.condition.tells == "captions":
            rows = np.arange(len(labels))
        rows = np.resize(np.random.default_rng(seed).permutation(rows), count)
        if self.condition.tells == "labels":
            return Asked(rows, labels[rows])
        captions = store.captions("test")
        return Asked(rows, [captions[row] for row in rows])

    def draw(self, wanted: Wanted, seed: int) -> NDArray[np.uint8]:
        """One image for each thing, uint8 (N, H, W, C)."""
        return draw_asked(self.generator, self.given, wanted, seed, self.device)

    def exhibition(self, seed: int) -> Image.Image:
        """A row for each of the examples, from the same noise in every row."""
        wanted, per_row = self.examples, COLUMNS // 2
        noise = latents(self.generator, per_row, seed).repeat(len(wanted), 1)
        codes = codes_of(self.generator, self.given, wanted, self.device).repeat_interleave(per_row, 0)
        images = render(self.generator, noise, self.device, codes)
        scale = scale_for(images.shape[1], 48)
        if not isinstance(wanted, list):
            return grid(images, per_row, scale=scale)
        strips = [grid(strip, per_row, scale=scale) for strip in np.split(images, len(wanted))]
        return captioned(strips, wanted)

    def walks(self, rows: int, steps: int, seed: int) -> NDArray[np.uint8]:
        """Ways from image to image, uint8 (rows · steps, H, W, C), row by row.

        Between two latents, the class the same throughout; or between two captions' codes, in a straight line, the
        latent the same.
        """
        wanted = self.examples
        codes = codes_of(self.generator, self.given, wanted, self.device)
        turn = torch.arange(rows, device=self.device)
        starts = codes[turn % len(wanted)]
        if self.condition.tells == "labels":
            return interpolate(self.generator, rows, steps, seed, self.device, starts)
        ends = codes[(turn + 1) % len(wanted)]
        share = torch.linspace(0, 1, steps, device=self.device)[None, :, None]
        between = torch.lerp(starts[:, None], ends[:, None], share).flatten(0, 1)
        noise = latents(self.generator, rows, seed).repeat_interleave(steps, 0)
        return render(self.generator, noise, self.device, between)


def sample_grid(
    cell: Cell,
    params: Params,
    device: torch.device,
    out: Path,
    *,
    count: int,
    columns: int,
    seed: int,
    ema: bool = True,
    text: str | None = None,
    label: str | None = None,
) -> None:
    """Draw a grid from a trained cell of images. Words that no training caption has are counted on stderr.

    Args:
        cell: which.
        params: as declared.
        device: where to draw.
        out: a PNG.
        count: images.
        columns: images in a row.
        seed: of the noise.
        ema: the moving average of the generator, where there is one.
        text: what to ask for, of a cell conditioned on text; None: of such a cell, held-out captions in turn.
        label: the name of a class, of a cell conditioned on labels; None: of such a cell, the classes in turn.

    Raises:
        BenchError: what is asked for makes no sense of this cell, or the cell isn't there.
    """
    recipe = declared_recipe(cell, params)
    tells = recipe.condition.tells
    for option, value, needed in (("--text", text, "captions"), ("--label", label, "labels")):
        if value is not None and tells != needed:
            raise BenchError(f"{option}: {value!r}: the players of {cell} were told {tells}, not {needed}")
    if text is not None and not split_words(text):
        raise BenchError(f"--text: {text!r}: no words; expected a caption such as those of the data set")
    given, generator = given_of(cell, recipe), load_generator(cell, params, device, ema)
    if tells == "nothing":
        images = draw(generator, count, seed, device)
    else:
        asker = Asker(generator, recipe.condition, given, device)
        images = asker.draw(_wanted(asker, count, text, label), seed)
    grid(images, columns, scale=scale_for(images.shape[1])).save(out)


def _wanted(asker: Asker, count: int, text: str | None, label: str | None) -> Wanted:
    """The same thing `count` times, or examples in turn."""
    if text is not None:
        _mention_unknown([text], asker.given)
        return [text] * count
    if label is not None:
        if label not in (classes := asker.given.classes):
            raise BenchError(f"--label: {unknown('label', label, classes)}")
        return np.full(count, classes.index(label))
    examples = asker.examples
    return (
        [examples[at % len(examples)] for at in range(count)]
        if isinstance(examples, list)
        else np.resize(examples, count)
    )


def _mention_unknown(captions: Sequence[str], given: Given) -> None:
    if words := given.unknown_words(captions):
        click.echo(
            f"--text: {len(words)} unknown: {', '.join(words)}; the data set's captions have no such words", err=True
        )
