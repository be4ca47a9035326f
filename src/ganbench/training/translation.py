"""Train one cell of the track `translation`: from two packed stores to weights, history and pictures."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict

import torch
from PIL import Image
from torch import nn

from ganbench.cell import Cell, declaration, prepared_dir
from ganbench.data.store import Store
from ganbench.data.translation.domains import PAIRING, Direction, Domains
from ganbench.data.translation.stream import DomainStream
from ganbench.games.translation.recipe import TranslationRecipe, check_domains, translation_of
from ganbench.networks.network import ImageShape
from ganbench.params import Params
from ganbench.training.checkpoint import Scratch
from ganbench.training.device import pick_device, seed_everything
from ganbench.training.distributed import ALONE, Ranks, own_device
from ganbench.training.identity import CODE, circumstances, file_hash
from ganbench.training.outcome import play_and_write
from ganbench.training.play import Schedule, Status
from ganbench.training.recorder import Watcher
from ganbench.training.trainer import Trainer
from ganbench.training.translated import sheet, translated

TRACK = "translation"
SHOWN = 8
"""Held-out images in a picture, for either way."""
KEPT = "generator_ab"
"""The player of which snapshots are taken."""
DOMAINS = "domains.json"
"""Shapes of the two domains, so that a trained cell translates without its data."""


def scratch_of_translation(cell: Cell, params: Params, writes: bool = True) -> Scratch:
    """Where a cell's checkpoint is kept; its key is made of all that determines the bytes of the outputs.

    Raises:
        BenchError: the stores, the device or the declaration are not as they must be.
    """
    domains = Domains.open(prepared_dir(TRACK))
    determines = {
        "declaration": declaration(cell, params),
        "data": [domains.a.meta.sha256["train"], domains.b.meta.sha256["train"], file_hash(domains.root / PAIRING)],
        **circumstances(params.engine, pick_device(params.device), (*CODE, "data/translation")),
    }
    return Scratch(str(cell), determines, params.engine.checkpoint_seconds, writes)


def train_translation(
    cell: Cell, params: Params, watcher: Watcher, scratch: Scratch | None = None, ranks: Ranks = ALONE
) -> Status:
    """Train a cell and write its outputs. A run that diverges is a result, too: it stops, and its status says why.

    Args:
        cell: which.
        params: as declared.
        watcher: told of losses and pictures.
        scratch: open; the training goes on from its checkpoint and saves there. Without it nothing is saved.
        ranks: processes that share the batch; the first one writes and tells the watcher.

    Raises:
        BenchError: the stores, the device or the declaration are not as they must be.
        Stopped: by a signal; all is saved.
    """
    declaration(cell, params)  # refuses a cell that isn't declared
    translation, domains = translation_of(params), Domains.open(prepared_dir(TRACK))
    training = translation.training
    recipe = check_domains(params, cell.variant, shape_of(domains.a), shape_of(domains.b), domains.paired)
    device = own_device(pick_device(params.device), ranks.size)
    trainer = _trainer(cell, params, recipe, domains, device, ranks)
    a_round = trainer.game.images_per_round(training.batch_size)
    schedule = Schedule.of(
        a_round, translation.budget_kimg, training.log_every_kimg, training.pictures, training.snapshots
    )
    shapes = {"a": asdict(shape_of(domains.a)), "b": asdict(shape_of(domains.b))}
    draw = fixed_inputs(tuple(trainer.players), trainer.shown, domains, device)
    return play_and_write(cell, params, trainer, schedule, draw, watcher, scratch, {DOMAINS: shapes}, KEPT)


def shape_of(store: Store) -> ImageShape:
    """The shape of a store's images."""
    return ImageShape(store.meta.channels, store.meta.resolution)


def fixed_inputs(
    players: Collection[str], shown: Callable[[str], nn.Module], domains: Domains, device: torch.device
) -> Callable[[], Image.Image]:
    """For a recorder: the first held-out images, what the generators make of them, and the target where it is known.

    Where there is a way back, its columns stand to the right.

    Args:
        players: names; ``generator_ab`` and, where there is one, ``generator_ba``.
        shown: a player as it is now, on the device.
        domains: the two.
        device: of the players.
    """
    ways: list[tuple[Direction, Store]] = [("ab", domains.a), ("ba", domains.b)]

    def draw() -> Image.Image:
        columns = []
        for way, store in ways:
            if (name := f"generator_{way}") in players:
                inputs, truth = store.images("test")[:SHOWN], domains.truth(way)
                columns += [inputs, translated(shown(name), inputs, device)]
                columns += [] if truth is None else [truth[:SHOWN]]
        rows = min(map(len, columns))
        return sheet([column[:rows] for column in columns])

    return draw


def _trainer(
    cell: Cell, params: Params, recipe: TranslationRecipe, domains: Domains, device: torch.device, ranks: Ranks
) -> Trainer:
    training = translation_of(params).training
    seed_everything(cell.seed)
    game = recipe.build(shape_of(domains.a), shape_of(domains.b), training.batch_size)
    stream = DomainStream(domains, recipe.game.pairs, training.batch_size, cell.seed, device)
    size, engine = training.batch_size, params.engine
    return Trainer(
        game, recipe.optimizer, stream, size, training.precision, device, engine.path, engine.memory_format, ranks
    )
