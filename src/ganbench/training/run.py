"""Train one cell: from the packed store to weights, history, pictures and snapshots."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from ganbench.cell import Cell, declaration, prepared_dir
from ganbench.data.batches import ImageStream
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.games.generation import generation
from ganbench.games.given import FILE as GIVEN
from ganbench.games.given import Given
from ganbench.games.recipe import NOTHING, Recipe, check_told, image_recipe
from ganbench.networks.network import ImageShape
from ganbench.params import FILE, Params
from ganbench.training.checkpoint import Scratch
from ganbench.training.device import pick_device, seed_everything
from ganbench.training.distributed import ALONE, Ranks, own_device
from ganbench.training.identity import CODE, circumstances, file_hash
from ganbench.training.outcome import play_and_write
from ganbench.training.play import Schedule, Status
from ganbench.training.recorder import Watcher, fixed_noise
from ganbench.training.trainer import Trainer

__all__ = ["Status", "scratch_of", "train_cell"]


def scratch_of(cell: Cell, params: Params, writes: bool = True) -> Scratch:
    """Where a cell's checkpoint is kept; its key is made of all that determines the bytes of the outputs.

    Raises:
        BenchError: the store, the device or the declaration is not as it must be.
    """
    store = Store.open(prepared_dir(cell.track))
    determines = {
        "declaration": declaration(cell, params),
        "data": [store.meta.sha256["train"], file_hash(store.root / "train.parquet")],
        **circumstances(params.engine, pick_device(params.device), (*CODE, "data/captions.py")),
    }
    if image_recipe(params, cell.variant).condition.tells != "nothing":
        determines["given"] = asdict(Given.of(store))
    return Scratch(str(cell), determines, params.engine.checkpoint_seconds, writes)


def train_cell(
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
        BenchError: the store, the device or the declaration is not as it must be.
        Stopped: by a signal; all is saved.
    """
    declaration(cell, params)  # refuses a cell that isn't declared
    recipe = image_recipe(params, cell.variant)
    given = _given(recipe, cell, params)
    trainer = _trainer(cell, params, recipe, given, ranks)
    training, latent_dim = params.images.training, trainer.players["generator"].latent_dim
    assert isinstance(latent_dim, int)
    a_round = trainer.game.images_per_round(training.batch_size)
    schedule = Schedule.of(
        a_round, params.images.budget_kimg, training.log_every_kimg, training.pictures, training.snapshots
    )
    draw = fixed_noise(partial(trainer.shown, "generator"), latent_dim, recipe.condition.shown(given))
    beside = {} if recipe.condition.tells == "nothing" else {GIVEN: asdict(given)}
    return play_and_write(cell, params, trainer, schedule, draw, watcher, scratch, beside)


def _given(recipe: Recipe, cell: Cell, params: Params) -> Given:
    """What the data tell, if the recipe's players are told something.

    Raises:
        BenchError: the data don't tell it, or not of every image.
    """
    condition = recipe.condition
    if condition.tells == "nothing":
        return NOTHING
    store, where = Store.open(prepared_dir(cell.track)), f"{cell.track}.variants.{cell.variant}"
    given = Given.of(store)
    check_told(params, cell.variant, given.classes, bool(given.words))
    if condition.tells == "labels":
        labels = store.labels("train")
        if outside := int(((labels < 0) | (labels >= len(given.classes))).sum()):
            raise BenchError(
                f"{FILE}: {where}.condition: {outside} of {len(labels)} training images have a label outside the "
                f"table of {len(given.classes)} classes; allowed: none, or a dataset in which every image has a label"
            )
    return given


def _trainer(cell: Cell, params: Params, recipe: Recipe, given: Given, ranks: Ranks) -> Trainer:
    images, training = params.images, params.images.training
    device = own_device(pick_device(params.device), ranks.size)
    store = Store.open(prepared_dir(cell.track))
    seed_everything(cell.seed)
    game = generation(recipe, ImageShape(images.channels, images.resolution), given)
    reads = recipe.condition.tells == "captions"
    stream = ImageStream(
        store.images("train"),
        store.labels("train"),
        training.batch_size,
        cell.seed,
        device,
        captions=given.encode(store.captions("train")).numpy() if reads else None,
    )
    size, engine = training.batch_size, params.engine
    return Trainer(
        game, recipe.optimizer, stream, size, training.precision, device, engine.path, engine.memory_format, ranks
    )
