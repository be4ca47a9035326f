"""What a training leaves in its folder, written and read: weights, history, pictures, declaration, status."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from PIL import Image

from ganbench.cell import Cell, declaration
from ganbench.errors import BenchError
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.checkpoint import Scratch
from ganbench.training.play import Nothing, Schedule, Status, play
from ganbench.training.recorder import Recorder, Watcher
from ganbench.training.snapshots import Snapshots
from ganbench.training.trainer import Trainer
from ganbench.training.weights import save_weights


def play_and_write(
    cell: Cell,
    params: Params,
    trainer: Trainer,
    schedule: Schedule,
    draw: Callable[[], Image.Image],
    watcher: Watcher,
    scratch: Scratch | None,
    beside: Mapping[str, Any],
    kept: str = "generator",
) -> Status:
    """Play until the budget is spent and write the cell's outputs; of several processes the first one writes.

    Args:
        cell: which.
        params: as declared.
        trainer: of the cell's game.
        schedule: of the training.
        draw: makes the picture of fixed noise or fixed inputs.
        watcher: told of losses and pictures.
        scratch: open; the training goes on from its checkpoint and saves there. Without it nothing is saved.
        beside: further JSON files, by name.
        kept: the player of which snapshots are taken.

    Raises:
        Stopped: by a signal; all is saved.
    """
    if not trainer.ranks.leads:
        return play(trainer, Nothing(), schedule, str(cell), scratch)
    with fresh_directory(cell.train_dir) as folder:
        snapshots = Snapshots(folder, trainer, schedule.rounds, scratch, kept)
        recorder = Recorder(folder, draw, watcher, snapshots)
        status = play(trainer, recorder, schedule, str(cell), scratch)
        recorder.write_history()
        snapshots.write()
        for name, player in trainer.players.items():
            save_weights(player, folder / f"{name}.safetensors")
        for name in trainer.averages:
            save_weights(trainer.shown(name), folder / f"{name}_ema.safetensors")
        for name, content in beside.items():
            write_json(folder / name, content)
        write_json(folder / "declared.json", declaration(cell, params))
        write_json(folder / "status.json", asdict(status))
    return status


def read_status(cell: Cell) -> dict[str, Any]:
    """How a cell's training ended, as `Status` has it.

    Raises:
        BenchError: it has not ended, or its status is damaged.
    """
    path = cell.train_dir / "status.json"
    try:
        status: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if status["status"] not in ("finished", "diverged"):
            raise ValueError(f"status: {status['status']!r}; allowed: finished, diverged")
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; `dvc repro` or `dvc pull` brings it") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{path}: not the status of a training: {error}") from None
    return status


def diverged(cell: Cell) -> bool:
    """Whether a cell's training diverged.

    Raises:
        BenchError: as `read_status`.
    """
    return bool(read_status(cell)["status"] == "diverged")
