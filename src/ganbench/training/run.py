"""Train one cell: from the packed store to weights, history and pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tqdm import tqdm

from ganbench.cell import Cell, declaration, prepared_dir
from ganbench.data.batches import ImageStream
from ganbench.data.store import Store
from ganbench.games.generation import generation
from ganbench.games.recipe import image_recipe
from ganbench.networks.network import Generator, ImageShape
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.device import pick_device, seed_everything
from ganbench.training.recorder import Recorder, Watcher
from ganbench.training.trainer import Trainer
from ganbench.training.weights import save_weights


@dataclass(frozen=True)
class Status:
    """How a training ended."""

    status: str
    """``finished`` or ``diverged``."""

    iteration: int
    images: int
    reason: str | None = None


def train_cell(cell: Cell, params: Params, watcher: Watcher) -> Status:
    """Train a cell and write its outputs. A run that diverges is a result, too: it stops, and its status says why.

    Raises:
        BenchError: the store, the device or the declaration is not as it must be.
    """
    images, training = params.images, params.images.training
    declared = declaration(cell, params)
    recipe = image_recipe(params, cell.variant)
    device = pick_device(params.device)
    store = Store.open(prepared_dir(cell.track))
    seed_everything(cell.seed)
    game = generation(recipe, ImageShape(images.channels, images.resolution))
    stream = ImageStream(store.images("train"), store.labels("train"), training.batch_size, cell.seed, device)
    trainer = Trainer(game, recipe.optimizer, stream, training.batch_size, training.precision, device)
    averaged = {name: average.module for name, average in trainer.averages.items()}
    shown = averaged.get("generator", trainer.players["generator"])
    assert isinstance(shown, Generator)
    with fresh_directory(cell.train_dir) as folder:
        recorder = Recorder(folder, shown, watcher)
        status = _play(trainer, recorder, params, str(cell))
        recorder.write_history()
        for name, player in trainer.players.items():
            save_weights(player, folder / f"{name}.safetensors")
        for name, player in averaged.items():
            save_weights(player, folder / f"{name}_ema.safetensors")
        write_json(folder / "declared.json", declared)
        write_json(folder / "status.json", asdict(status))
    return status


def _play(trainer: Trainer, recorder: Recorder, params: Params, title: str) -> Status:
    """Play until the budget is spent or a loss is not finite; the budget is never exceeded.

    The last step of all shows in no loss any more, so the weights are looked at as well.
    """
    training = params.images.training
    a_round = trainer.game.images_per_round(training.batch_size)
    rounds = int(params.images.budget_kimg * 1000 / a_round)
    log_every = max(1, int(training.log_every_kimg * 1000 / a_round))
    picture_at = {round(rounds * k / training.pictures) for k in range(1, training.pictures + 1)}
    recorder.picture(0)
    with tqdm(total=int(rounds * a_round), desc=title, unit="img", unit_scale=True, dynamic_ncols=True) as bar:
        for played in range(1, rounds + 1):
            trainer.play_round()
            if (played % log_every == 0 and rounds - played >= log_every) or played == rounds:
                row = recorder.losses(list(trainer.read()))
                bar.set_postfix({name: f"{loss:.3g}" for name, loss in row.losses.items()}, refresh=False)
                bar.update(trainer.images - bar.n)
                if bad := row.not_finite:
                    reason = f"{bad} is {row.losses[bad]} at iteration {row.iteration}"
                    return Status("diverged", row.iteration, row.images, reason)
            if played in picture_at:
                recorder.picture(trainer.images)
    if bad := trainer.not_finite():
        reason = f"weights of the {bad} are not finite after iteration {trainer.iteration}"
        return Status("diverged", trainer.iteration, trainer.images, reason)
    return Status("finished", trainer.iteration, trainer.images)
