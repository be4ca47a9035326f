"""What a discriminator looks like from above: its score at every place, and where it would push samples."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganbench.cell import Cell
from ganbench.data.batches import Batch, Stream
from ganbench.data.points.source import PointSource
from ganbench.data.points.stream import LATENT, Blocks, PointStream
from ganbench.games.game import Noise
from ganbench.games.generation import generation
from ganbench.games.recipe import Recipe
from ganbench.games.tracks import batch_size, recipe_of, shape_of, source_of
from ganbench.networks.network import Discriminator, Generator, Mix, Network, PointShape, Shape, unmixed
from ganbench.params import Params
from ganbench.sampling import Scorer, load_discriminator
from ganbench.training.device import seed_everything
from ganbench.training.trainer import Trainer

SIDE, ARROWS = 81, 19
"""Places on a side where scores, and where arrows, are taken."""
STEPS = 300
"""Of the discriminator whose generator is held."""
SPREAD = 0.15
"""Standard deviation of the held generator's noise, in standard deviations of the data."""


@dataclass(frozen=True)
class Fields:
    """Scores and gradients on a grid over [−reach, reach]^dim.

    Attributes:
        ticks: places along an axis, (SIDE,).
        surface: score of a discriminator trained against data + noise, (SIDE,) or (SIDE, SIDE), first axis x.
        score: of the trained discriminator, likewise.
        places: where the gradient was taken, (m, dim).
        gradient: of the trained discriminator's score there, (m, dim).
        spread: standard deviation of the held generator's noise, in units of the data.
    """

    ticks: NDArray[np.float64]
    surface: NDArray[np.float64]
    score: NDArray[np.float64]
    places: NDArray[np.float64]
    gradient: NDArray[np.float64]
    spread: float


def fields(cell: Cell, params: Params, device: torch.device) -> Fields:
    """The fields of a cell's discriminator, and of one like it that met a generator held at data + noise.

    The second shows what objective and constraint make of a discriminator that is near its optimum, as in Gulrajani et
    al. 2017, figure 1: clipped critics miss higher moments, penalised ones do not.
    """
    source = source_of(params)
    trained, _ = load_discriminator(cell, params, device)
    held, spread = _held(cell, params, source, device)
    ticks = np.linspace(-source.reach, source.reach, SIDE)
    coarse = np.linspace(-source.reach, source.reach, ARROWS + 2)[1:-1]
    places = _grid(coarse, source.dim)
    at = torch.from_numpy(places).float().to(device).requires_grad_()
    (gradient,) = torch.autograd.grad(_scores(trained, at).sum(), at)
    shape = (SIDE,) * source.dim
    everywhere = torch.from_numpy(_grid(ticks, source.dim)).float().to(device)
    with torch.no_grad():
        surface, score = (_scores(scorer, everywhere).double().cpu().numpy() for scorer in (held, trained))
    return Fields(ticks, surface.reshape(shape), score.reshape(shape), places, gradient.double().cpu().numpy(), spread)


class _Single(Stream):
    """A stream for one seed alone."""

    def __init__(self, stream: PointStream) -> None:
        self._stream = stream
        self.position = 0

    def next(self) -> Batch:
        self.position += 1
        batch = self._stream.next()
        return Batch(batch.images[0], batch.labels[0])


class _Held(Generator):
    """Gives back what it is given: data + noise come in the place of latents."""

    def forward(self, latent: Tensor) -> Tensor:
        return latent


@dataclass(frozen=True)
class _HeldNetwork(Network):
    """A network's discriminator beside a generator that is held."""

    network: Network

    def generator(self, shape: Shape) -> Generator:
        return _Held(shape.size)

    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:
        return self.network.discriminator(shape, per_sample, mix)

    def objection(self, shape: Shape, per_sample: bool) -> str | None:
        return self.network.objection(shape, per_sample)


def _held(cell: Cell, params: Params, source: PointSource, device: torch.device) -> tuple[Scorer, float]:
    """A discriminator trained against data + noise, and the standard deviation of that noise."""
    recipe, size = recipe_of(cell.track, cell.variant, params), batch_size(cell.track, params)
    spread = SPREAD * float(source.draw(10_000, np.random.default_rng(0)).std())
    seed_everything(cell.seed)
    blocks = Blocks(
        lambda count, rng: source.draw(count, rng) + spread * rng.standard_normal((count, source.dim)),
        size, [cell.seed], LATENT, device,
    )  # fmt: skip
    drawn = iter(range(STEPS))

    def noise(count: int, where: torch.device) -> Noise:  # noqa: ARG001
        return {"latent": blocks.at(next(drawn))[0]}

    shape = shape_of(cell.track, params)
    assert isinstance(shape, PointShape)
    game = generation(_with_held_generator(recipe), shape)
    game = dataclasses.replace(
        game,
        players=nn.ModuleDict({"discriminator": game.players["discriminator"]}),
        round=(dataclasses.replace(game.round[0], repeats=1),),
        noise=noise,
        average={},
    )
    stream = _Single(PointStream(source, size, [cell.seed], device))
    trainer = Trainer(game, recipe.optimizer, stream, size, "fp32", device)
    for _ in range(STEPS):
        trainer.play_round()
    discriminator = trainer.players["discriminator"]
    assert isinstance(discriminator, Discriminator)
    return Scorer(discriminator, recipe.pack, size // recipe.pack, recipe.mixes).to(device), spread


def _with_held_generator(recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, network=_HeldNetwork(recipe.network))


def _scores(scorer: Scorer, places: Tensor) -> Tensor:
    """One score a place: where packs are judged, a pack of equal points."""
    return scorer(places.repeat_interleave(scorer.packed, dim=0))  # type: ignore[no-any-return]


def _grid(ticks: NDArray[np.float64], dim: int) -> NDArray[np.float64]:
    return np.stack(np.meshgrid(*[ticks] * dim, indexing="ij"), axis=-1).reshape(-1, dim)
