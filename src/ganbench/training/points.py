"""Train all seeds of a variant of the track `points` side by side, from the distribution to weights and history."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganbench.cell import Cell, declaration, points_dir
from ganbench.data.points.stream import PointStream
from ganbench.games.generation import generation
from ganbench.games.side_by_side import SeedNoise, member, side_by_side
from ganbench.games.tracks import points_of, recipe_of, shape_of, source_of
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.checkpoint import Scratch
from ganbench.training.device import pick_device, seed_everything
from ganbench.training.identity import CODE, circumstances
from ganbench.training.play import Schedule, Status, play
from ganbench.training.reading import Reading
from ganbench.training.snapshots import Moment
from ganbench.training.trainer import Trainer
from ganbench.training.weights import save_weights

TRACK = "points"
SHOWN = 1000
"""Points of a snapshot."""


def scratch_of_variant(variant: str, params: Params) -> Scratch:
    """Where the checkpoint of a variant, with all its seeds, is kept.

    Raises:
        BenchError: the variant isn't declared, or the device is not there.
    """
    determines = {
        "declaration": declaration(Cell(TRACK, variant, params.seeds[0]), params) | {"cell": f"{TRACK}/{variant}"},
        "seeds": params.seeds,
        **circumstances(params.engine, pick_device(params.device), (*CODE, "data/points")),
    }
    return Scratch(f"{TRACK}/{variant}", determines, params.engine.checkpoint_seconds)


def train_points(variant: str, params: Params, scratch: Scratch | None = None) -> list[Status]:
    """Train a variant with every declared seed at once and write the outputs of its cells.

    A seed that diverges is a result, too; the others go on without it.

    Args:
        variant: which.
        params: as declared.
        scratch: open; the training goes on from its checkpoint and saves there. Without it nothing is saved.

    Returns:
        how each seed ended, in their order.

    Raises:
        BenchError: the variant isn't declared as it must be, or the device is not there.
        Stopped: by a signal; all is saved.
    """
    points, cells = points_of(params), [Cell(TRACK, variant, seed) for seed in params.seeds]
    declared = [declaration(cell, params) for cell in cells]
    trainer, noise = make_trainer(variant, params)
    training = points.training
    a_round = trainer.game.images_per_round(training.batch_size)
    schedule = Schedule.of(a_round, points.budget_kpoints, training.log_every_kpoints, training.pictures)
    record = PointsRecord(trainer, noise)
    play(trainer, record, schedule, f"{TRACK}/{variant}", scratch, unit="pt")
    statuses = record.statuses()
    with fresh_directory(points_dir(variant)) as folder:
        for place, cell in enumerate(cells):
            own = folder / str(cell.seed)
            own.mkdir()
            for name, player in trainer.players.items():
                save_weights(member(player, place), own / f"{name}.safetensors")
            for name in trainer.averages:
                save_weights(member(trainer.shown(name), place), own / f"{name}_ema.safetensors")
            record.write(place, own)
            write_json(own / "declared.json", declared[place])
            write_json(own / "status.json", asdict(statuses[place]))
    return statuses


def make_trainer(variant: str, params: Params) -> tuple[Trainer, SeedNoise]:
    """The trainer of a variant with all declared seeds, and the noise that it draws.

    Raises:
        BenchError: as `train_points`.
    """
    recipe, shape, training = recipe_of(TRACK, variant, params), shape_of(TRACK, params), points_of(params).training
    device = pick_device(params.device)
    games = []
    for seed in params.seeds:
        seed_everything(seed)
        games.append(generation(recipe, shape))
    latent = games[0].players["generator"].latent_dim
    assert isinstance(latent, int)
    noise = SeedNoise(params.seeds, latent)
    stream = PointStream(source_of(params), training.batch_size, params.seeds, device, training.pool)
    game = side_by_side(games, noise)
    path, size = training.path, training.batch_size
    return Trainer(game, recipe.optimizer, stream, size, "fp32", device, path, path_key="points.training.path"), noise


class PointsRecord:
    """What a training of points leaves behind: a history and snapshots of every seed.

    Args:
        trainer: its generator draws the snapshots, or its average of the generator where one is kept.
        noise: of the trainer's game.
    """

    def __init__(self, trainer: Trainer, noise: SeedNoise) -> None:
        self._trainer = trainer
        self._noise = noise
        self._rows: list[list[Reading]] = [[] for _ in noise.seeds]
        self._snapshots: dict[Moment, Tensor] = {}
        self._diverged: dict[int, Status] = {}
        latents = [torch.randn(SHOWN, noise.latent, generator=torch.Generator().manual_seed(s)) for s in noise.seeds]
        self._latent = torch.stack(latents) if len(latents) > 1 else latents[0]

    def losses(self, readings: Sequence[Reading]) -> Reading:
        """Add a row to the history of every seed that has not diverged; return the mean of these."""
        for place, rows in enumerate(self._rows):
            if place not in self._diverged:
                rows.append(row := _row([_own(reading, place) for reading in readings]))
                if bad := row.not_finite:
                    reason = f"{bad} is {row.losses[bad]} at iteration {row.iteration}"
                    self._diverged[place] = Status("diverged", row.iteration, row.images, reason)
        alive = [rows[-1] for place, rows in enumerate(self._rows) if place not in self._diverged]
        return _mean(alive) if alive else self._rows[0][-1]

    def picture(self, images: int) -> None:
        """Take a snapshot: what the generator, in evaluation mode, makes of the same noise as ever."""
        generator = self._trainer.shown("generator")
        device, training = next(generator.parameters()).device, generator.training
        generator.eval()
        with torch.inference_mode():
            drawn: Tensor = generator(self._latent.to(device))
        generator.train(training)
        moment = Moment(self._trainer.iteration, images, self._trainer.steps_of("generator"))
        self._snapshots[moment] = drawn.reshape(len(self._noise.seeds), SHOWN, -1).cpu()

    def snapshot(self) -> None:
        """None of the weights: the points that `picture` takes are what a film of points needs."""

    def statuses(self) -> list[Status]:
        """How each seed ended. The last step of all shows in no loss any more, so the weights are looked at as well."""
        return [self._diverged.get(place) or self._final(place) for place in range(len(self._noise.seeds))]

    def write(self, place: int, folder: Path) -> None:
        """Write ``history.csv`` and ``snapshots.npz``: ``points`` (T, n, dim), and ``moments`` (T, 3), see `Moment`."""
        rows = self._rows[place]
        with (folder / "history.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["iteration", "images", *(rows[0].losses if rows else [])])
            writer.writerows([row.iteration, row.images, *row.losses.values()] for row in rows)
        moments = np.asarray([astuple(moment) for moment in self._snapshots], np.int64)
        drawn = np.stack([snapshot[place].numpy() for snapshot in self._snapshots.values()])
        with (folder / "snapshots.npz").open("wb") as archive:
            np.savez(archive, moments=moments, points=drawn)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Snapshots; rows, seeds that diverged, and where the noise stands."""
        return {str(moment.images): drawn for moment, drawn in self._snapshots.items()}, {
            "moments": [asdict(moment) for moment in self._snapshots],
            "rows": [[asdict(row) for row in rows] for rows in self._rows],
            "diverged": {str(place): asdict(status) for place, status in self._diverged.items()},
        }

    def load_state(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        moments = [Moment(**moment) for moment in notes["moments"]]
        self._snapshots = {moment: tensors[str(moment.images)] for moment in moments}
        self._rows = [[Reading(**row) for row in rows] for rows in notes["rows"]]
        self._diverged = {int(place): Status(**status) for place, status in notes["diverged"].items()}

    def saved(self) -> None:
        """Nobody needs to know."""

    def _final(self, place: int) -> Status:
        trainer = self._trainer
        everybody: list[tuple[str, nn.Module]] = list(trainer.players.items())
        everybody += [(name, average.module) for name, average in trainer.averages.items()]
        for name, player in everybody:
            if not all(bool(weight.isfinite().all()) for weight in member(player, place).state_dict().values()):
                reason = f"weights of the {name} are not finite after iteration {trainer.iteration}"
                return Status("diverged", trainer.iteration, trainer.images, reason)
        return Status("finished", trainer.iteration, trainer.images)


def _own(reading: Reading, place: int) -> Reading:
    """The terms of one seed, ``<term>/<place>``, under their own names."""
    named = {name.rpartition("/")[::2]: loss for name, loss in reading.losses.items()}
    own = {term: loss for (term, at), loss in named.items() if at == str(place)}
    return Reading(reading.iteration, reading.images, own)


def _row(readings: Sequence[Reading]) -> Reading:
    """The mean of readings, or the first that is not finite."""
    return next((reading for reading in readings if reading.not_finite), None) or _mean(readings)


def _mean(readings: Sequence[Reading]) -> Reading:
    last = readings[-1]
    losses = {name: sum(reading.losses[name] for reading in readings) / len(readings) for name in last.losses}
    return Reading(last.iteration, last.images, losses)
