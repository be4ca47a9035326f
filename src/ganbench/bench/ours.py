"""Our trainer, built for the clock."""

from __future__ import annotations

import itertools

import numpy as np
import torch

from ganbench.data.batches import Batch, ImageStream, Stream
from ganbench.errors import BenchError
from ganbench.games.game import Game
from ganbench.games.optimizer import Optimizer
from ganbench.games.recipe import Recipe, recipe
from ganbench.networks.network import ImageShape
from ganbench.params import Params, unknown
from ganbench.training.trainer import Trainer

READ_EVERY = 50
"""Rounds between readings of the losses."""
READY = 8
"""Batches that a ready stream repeats."""


class ReadyStream(Stream):
    """Batches that were made before the clock started: «tensors ready»."""

    def __init__(self, stream: Stream) -> None:
        self.position = 0
        self._ready = itertools.cycle([stream.next() for _ in range(READY)])

    def next(self) -> Batch:
        """The next of them."""
        return next(self._ready)


def noise_stream(shape: ImageShape, batch: int, device: torch.device, images: int = 4096) -> ImageStream:
    """Our own loader on uint8 noise: images lie in memory, on a GPU in its own."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (images, shape.resolution, shape.resolution, shape.channels), dtype=np.uint8)
    return ImageStream(pixels, np.zeros(images, np.int64), batch, 0, device)


class Run:
    """A trainer that reads its losses now and then, as a training does."""

    def __init__(
        self,
        game: Game,
        optimizer: Optimizer,
        stream: Stream,
        batch: int,
        device: torch.device,
        precision: str = "fp32",
        path: str = "eager",
        memory_format: str = "channels_last",
    ) -> None:
        self.trainer = Trainer(game, optimizer, stream, batch, precision, device, path, memory_format)
        self.images = int(game.images_per_round(batch))
        self._played = 0

    def play(self) -> None:
        """One round."""
        self.trainer.play_round()
        self._played += 1
        if self._played % READ_EVERY == 0:
            list(self.trainer.read())

    def play_rounds(self, count: int) -> None:
        """So many."""
        for _ in range(count):
            self.play()


def recipe_of(params: Params, variant: str, shape: ImageShape) -> Recipe:
    """The recipe of a declared variant at another shape.

    Raises:
        BenchError: no such variant, one that can't make this shape, or one that is told what to draw.
    """
    declared = params.images.variants
    if variant not in declared:
        raise BenchError(f"--variant: {unknown('variant', variant, declared)}")
    found = recipe(declared[variant], shape, f"images.variants.{variant}")
    if (told := found.condition.tells) != "nothing":
        raise BenchError(f"--variant: {variant}: its players are told {told}, but the bench plays on images alone")
    return found
