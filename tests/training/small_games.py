"""Small games for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch, ImageStream
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.generation import generation
from ganbench.games.given import Given
from ganbench.games.recipe import Recipe, recipe
from ganbench.networks.network import ImageShape
from ganbench.params import Variant
from ganbench.training.reading import Reading
from ganbench.training.trainer import Trainer

CPU = torch.device("cpu")
SHAPE = ImageShape(1, 16)
BATCH = 4
GIVEN = Given([str(digit) for digit in range(10)], ["a", "big", "red", "small", "square"], 4, ["a big square"])
"""What conditional players are told of the random images: labels and captions of four words."""


def image_stream(count: int = 10, batch_size: int = BATCH, device: torch.device = CPU) -> ImageStream:
    """Random images of 16 pixels; an epoch ends within a batch."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, 16, 16, 1), dtype=np.uint8)
    captions = rng.integers(2, 7, (count, 4)) * (np.arange(4) < rng.integers(1, 5, (count, 1)))
    labels = np.arange(count, dtype=np.int64) % len(GIVEN.classes)
    return ImageStream(images, labels, batch_size, 0, device, captions=captions)


def declared(**axes: object) -> Recipe:
    """A variant as params.yaml would declare it; small, non-saturating MLPs where nothing is said."""
    axes = {"network": {"mlp": {"width": 8}}, "objective": "non_saturating"} | axes
    return recipe(Variant.model_validate(axes), SHAPE, "x")


def trainer_of(
    made: Recipe, path: str = "eager", precision: str = "fp32", device: torch.device = CPU, seed: int = 0
) -> Trainer:
    """A trainer at its first round; the seed decides first weights and noise."""
    torch.manual_seed(seed)
    game = generation(made, SHAPE, GIVEN)
    return Trainer(game, made.optimizer, image_stream(device=device), BATCH, precision, device, path)


def play(trainer: Trainer, rounds: int) -> list[Reading]:
    """Play so many rounds and read their losses."""
    for _ in range(rounds):
        trainer.play_round()
    return list(trainer.read())


def toy_game(log: list[str], memory: nn.Module | None = None, **moves: dict) -> Game:
    """Players with one weight each, and a move for each that writes its name down.

    Each loss is the sum of all weights, times the mean of the first label seen and its noise.
    """
    players = nn.ModuleDict({name: nn.Linear(1, 1, bias=False) for name in moves})

    def loss_of(name: str) -> Callable[[Batch, Noise], Losses]:
        def loss(batch: Batch, noise: Noise) -> Losses:
            log.append(name)
            size = 1 + batch.labels.float().mean() * noise["latent"].mean()
            return {name: size * sum(player(torch.ones(1, 1)).sum() for player in players.values())}

        return loss

    def noise(size: int, device: torch.device) -> Mapping[str, Tensor]:
        return {"latent": torch.rand(size, device=device)}

    rounds = tuple(Move((name,), loss_of(name), **options) for name, options in moves.items())
    return Game(players, rounds, noise, {}, memory)
