"""The generator at moments of its training: what learning curves are measured on."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.training.checkpoint import Scratch
from ganbench.training.trainer import Trainer
from ganbench.training.weights import save_weights

FOLDER = "snapshots"
TABLE = "snapshots.csv"


@dataclass(frozen=True)
class Moment:
    """How far a training was."""

    iteration: int
    """Rounds played."""

    images: int
    """Real images shown."""

    generator_steps: int
    """Optimiser steps of the generator."""

    @property
    def file(self) -> str:
        """Name of the generator's weights at that moment."""
        return f"{self.images:09d}.safetensors"

    def path(self, cell: Cell) -> Path:
        """Where a cell has them; those of its last moment stand beside the folder, under the generator's own name."""
        return cell.train_dir / FOLDER / self.file


class Snapshots:
    """Writes ``snapshots.csv`` and ``snapshots/``: the average of the generator, or the generator where none is kept.

    Weights are written once: where there is a scratch, they are kept beside its checkpoints until the end. The weights
    of the last round are in the training's folder anyway; the table alone tells of it.

    Args:
        folder: of the training's outputs.
        trainer: of the training.
        rounds: of the whole training.
        scratch: of the training; open.
        player: the generator that is kept.
    """

    def __init__(
        self, folder: Path, trainer: Trainer, rounds: int, scratch: Scratch | None, player: str = "generator"
    ) -> None:
        self._folder = folder
        self._trainer = trainer
        self._rounds = rounds
        self._scratch = scratch
        self._player = player
        self._moments: list[Moment] = []

    def take(self) -> None:
        """Keep the generator as it is now; no trace is left in it."""
        trainer = self._trainer
        moment = Moment(trainer.iteration, trainer.images, trainer.steps_of(self._player))
        self._moments.append(moment)
        if not self._has_own_file(moment):
            return
        save = partial(save_weights, trainer.shown(self._player))
        if self._scratch is not None:
            self._scratch.keep(moment.file, save)
        else:
            save(self._path(moment))

    def write(self) -> None:
        """Bring everything into the folder; nothing where no snapshot was taken."""
        if not self._moments:
            return
        if self._scratch is not None:
            for moment in filter(self._has_own_file, self._moments):
                shutil.copyfile(self._scratch.kept(moment.file), self._path(moment))
        with (self._folder / TABLE).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field.name for field in fields(Moment)])
            writer.writerows(asdict(moment).values() for moment in self._moments)

    def state(self) -> list[dict[str, int]]:
        """The moments."""
        return [asdict(moment) for moment in self._moments]

    def load_state(self, moments: Sequence[dict[str, Any]]) -> None:
        """Put back what `state` gave."""
        self._moments = [Moment(**moment) for moment in moments]

    def _has_own_file(self, moment: Moment) -> bool:
        return moment.iteration < self._rounds

    def _path(self, moment: Moment) -> Path:
        folder = self._folder / FOLDER
        folder.mkdir(exist_ok=True)
        return folder / moment.file


def read_moments(cell: Cell) -> list[Moment]:
    """When a cell's snapshots were taken, the end of its training last; none where it takes none.

    Raises:
        BenchError: the table is damaged.
    """
    path = cell.train_dir / TABLE
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [Moment(**{name: int(value) for name, value in row.items()}) for row in csv.DictReader(file)]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise BenchError(f"{path}: not a table of snapshots: {error}") from None
