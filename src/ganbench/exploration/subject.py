"""A trained cell as the experiments see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.cell import Cell, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.evaluation.features import see
from ganbench.evaluation.judge import Judge
from ganbench.exploration.ink import Ink
from ganbench.games.tracks import recipe_of, shape_of
from ganbench.networks.network import Discriminator, Generator
from ganbench.params import Explore, Params
from ganbench.sampling import load_discriminator, load_generator, render
from ganbench.training.device import pick_device, seed_everything

Images = NDArray[np.uint8]


class LeftOutError(Exception):
    """An experiment that makes no sense here; the message says why, in a line."""


@dataclass(frozen=True)
class Seen:
    """What is seen in N images.

    Attributes:
        labels: the judge's, (N,).
        confidence: its probability, (N,).
        ink: mean density, (N,).
    """

    labels: NDArray[np.int64]
    confidence: NDArray[np.float32]
    ink: NDArray[np.float64]


Look = Callable[[Images], Seen]


@dataclass(frozen=True)
class Subject:
    """A trained cell, the judge and the data.

    Attributes:
        cell: its name.
        generator: in evaluation mode: its moving average where one is kept.
        discriminator: in evaluation mode: batch norm uses its running averages, so that an image's maps are its own.
        untrained: the same, with weights as they are before training.
        packed: samples that the discriminators see as one.
        judge, store, device, settings: as declared.
        ink: of the training images.
    """

    cell: Cell
    generator: Generator
    discriminator: Discriminator
    untrained: Discriminator
    packed: int
    judge: Judge
    store: Store
    device: torch.device
    settings: Explore
    ink: Ink

    @classmethod
    def load(cls, cell: Cell, params: Params) -> Subject:
        """Bring a cell back from its outputs.

        Raises:
            BenchError: the cell isn't declared or not trained, or an input is missing or damaged.
        """
        device, settings = pick_device(params.device), params.images.explore
        scorer, _ = load_discriminator(cell, params, device)
        seed_everything(settings.seed)
        untrained = recipe_of(cell.track, cell.variant, params).discriminator(shape_of(cell.track, params))
        store = Store.open(prepared_dir(cell.track))
        return cls(
            cell,
            load_generator(cell, params, device),
            scorer.discriminator.eval(),
            untrained.to(device).eval(),
            scorer.packed,
            Judge.load(judge_dir(cell.track), device),
            store,
            device,
            settings,
            Ink.of(store.images("train")[: settings.samples]),
        )

    @property
    def resolution(self) -> int:
        """Of the images, in pixels."""
        return self.store.meta.resolution

    @property
    def classes(self) -> list[str]:
        """The names of the judge's labels.

        Raises:
            LeftOutError: the judge learned no classes.
        """
        if self.judge.card.task != "classes":
            raise LeftOutError("the data have no labels: the judge tells rotations apart, not classes")
        return self.judge.card.classes

    def latents(self, count: int, stream: int) -> Tensor:
        """Latents (count, latent_dim), a function of the seed and of a number that the experiments have one each of."""
        random = torch.Generator().manual_seed(self.settings.seed * 1000 + stream)
        return torch.randn(count, self.generator.latent_dim, generator=random)

    def draw(self, latents: Tensor) -> Images:
        """Latents (N, latent_dim) → images, uint8 (N, H, W, C)."""
        return render(self.generator, latents, self.device)

    def look(self, images: Images) -> Seen:
        """Labels by the judge, and ink, of images uint8 (N, H, W, C)."""
        found = see(self.judge, images, self.device)
        labels = found.probabilities.argmax(1)
        return Seen(labels, found.probabilities.max(1), self.ink.amount(images))


Experiment = Callable[[Subject, Path], dict[str, float]]
"""Writes its pictures to a folder and returns its scores by name."""
