"""Trained players, brought back from a cell's outputs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganbench.cell import Cell, declaration
from ganbench.games.given import Given
from ganbench.games.recipe import NOTHING, Recipe
from ganbench.games.tracks import batch_size, recipe_of, shape_of
from ganbench.networks.network import Discriminator, Generator, pack
from ganbench.params import Params
from ganbench.training.snapshots import Moment
from ganbench.training.weights import load_weights


def declared_recipe(cell: Cell, params: Params) -> Recipe:
    """A cell's recipe.

    Raises:
        BenchError: the cell isn't declared.
    """
    declaration(cell, params)
    return recipe_of(cell.track, cell.variant, params)


def load_generator(
    cell: Cell, params: Params, device: torch.device, ema: bool = True, moment: Moment | None = None
) -> Generator:
    """A cell's generator in evaluation mode: its moving average where one is kept and `ema` is true.

    Args:
        cell: whose.
        params: as declared.
        device: where to have it.
        ema: of a snapshot it is the moving average in any case.
        moment: of the snapshot, but for the last moment; None: at the end of the training.

    Raises:
        BenchError: the cell isn't declared or not trained, or its weights are of another network.
    """
    recipe = declared_recipe(cell, params)
    generator = recipe.generator(shape_of(cell.track, params), given_of(cell, recipe))
    weights = cell.weights("generator", ema) if moment is None else moment.path(cell)
    return load_weights(generator, weights).to(device).eval()


def given_of(cell: Cell, recipe: Recipe) -> Given:
    """What a cell's players were told of their data, nothing without a condition.

    Raises:
        BenchError: the cell isn't trained.
    """
    return NOTHING if recipe.condition.tells == "nothing" else Given.read(cell.train_dir)


class Scorer(nn.Module):
    """A trained discriminator that judges any number of samples as it judged them in training.

    That is in packs, where it was trained with packs, and in batches of the same size, where a sample's score depends
    on the batch that it stands in. Dropout is off. Batch norm goes on normalising by the batch, in which real and
    generated samples did not meet: its running averages mix the two, and no score was ever computed with them.

    Args:
        discriminator: of packs.
        packed: samples in a pack.
        batch: packs in a batch of the training.
        mixes: whether a trick makes scores depend on the batch.
        given: what the discriminator was told of its data.

    Attributes:
        packed: samples in a pack.
    """

    def __init__(
        self, discriminator: Discriminator, packed: int, batch: int, mixes: bool, given: Given = NOTHING
    ) -> None:
        super().__init__()
        self._given = given
        self.discriminator = discriminator.eval()
        self.packed = packed
        norms = [part for part in discriminator.modules() if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d)]
        for norm in norms:
            norm.train()
        self._batch = batch if mixes or norms else None

    def forward(
        self, samples: Tensor, labels: Tensor | None = None, captions: Sequence[str] | Tensor | None = None
    ) -> Tensor:
        """Samples (N, …) → scores of packs (N // m,): what is left over after the last whole pack has none.

        What is left over after the last whole batch is judged in the company of its predecessors.

        Args:
            samples: to judge.
            labels: int64 (N,), that a discriminator conditioned on labels judges them beside.
            captions: likewise, N captions, or their codes, int64 (N, length).
        """
        packs = pack(samples[: len(samples) - len(samples) % self.packed], self.packed)
        if captions is not None and not isinstance(captions, Tensor):
            captions = self._given.encode(captions)
        asked = labels if captions is None else captions
        if asked is not None:
            asked = asked.to(samples.device)
        size = self._batch or len(packs)
        if len(packs) <= size:
            return self._score(packs, asked)
        rest = len(packs) % size
        starts = range(0, len(packs) - rest, size)
        scores = [self._score(packs[at : at + size], _part(asked, slice(at, at + size))) for at in starts]
        if rest:
            scores.append(self._score(packs[-size:], _part(asked, slice(-size, None)))[-rest:])
        return torch.cat(scores)

    def _score(self, packs: Tensor, asked: Tensor | None) -> Tensor:
        scores: Tensor = self.discriminator(packs, asked)
        return scores


def _part(asked: Tensor | None, rows: slice) -> Tensor | None:
    return None if asked is None else asked[rows]


def load_discriminator(cell: Cell, params: Params, device: torch.device) -> tuple[Scorer, float | None]:
    """A cell's discriminator, and the score above which it means «real» (None for a critic).

    Raises:
        BenchError: as `load_generator`.
    """
    recipe = declared_recipe(cell, params)
    given = given_of(cell, recipe)
    discriminator = recipe.discriminator(shape_of(cell.track, params), given)
    load_weights(discriminator, cell.train_dir / "discriminator.safetensors")
    batch = batch_size(cell.track, params) // recipe.pack
    return Scorer(discriminator, recipe.pack, batch, recipe.mixes, given).to(device), recipe.objective.threshold
