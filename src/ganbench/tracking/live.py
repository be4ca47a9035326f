"""A training's run while it trains: losses and fixed-noise pictures."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ganbench.cell import Cell, dataset_of
from ganbench.params import Params
from ganbench.tracking.describe import training_hash, training_params
from ganbench.tracking.quietly import quietly
from ganbench.tracking.store import (
    CELL,
    PICTURES,
    TRAINED_AT,
    TRAINING,
    Store,
    agrees,
    log_metrics,
    log_picture,
    logged_losses,
    logged_pictures,
    loss_name,
    open_store,
    unfinished_runs,
)

if TYPE_CHECKING:
    from mlflow.entities import Run

    from ganbench.training.reading import Reading

PROCESS = "ganbench.process"
"""``host:pid`` of the training, as long as it runs."""


class Live:
    """Tells MLflow about a training, a context manager around it; a watcher of ``ganbench.training``.

    The run is made at the first event. Losses are kept back until the next picture or checkpoint, so that each costs
    one transaction. Steps count real images shown to the discriminator: a critic of five steps sees as many as any
    other discriminator at the same step, and the curves compare.

    The run stays open when the training ends well; `ganbench.tracking.record.record` completes it from the outputs. A
    training that goes on from a checkpoint goes on in the run that followed it, and logs what that run lacks: it may
    know more than the checkpoint, or less. Where the same training starts anew, the run of before is deleted.

    Whatever goes wrong here is said once, and then nothing more is tried.

    Args:
        cell: the one that trains.
        params: as declared.
        data_hash: ``sha256.train`` of the packed store.
        process: ``host:pid`` of the training; None: this process.

    Attributes:
        declared: what `training_params` says, where somebody has told; else it is asked for, which imports torch.
    """

    def __init__(self, cell: Cell, params: Params, data_hash: str, process: str | None = None) -> None:
        self._cell = cell
        self._params = params
        self._data_hash = data_hash
        self._process = process or f"{socket.gethostname()}:{os.getpid()}"
        self._store: Store | None = None
        self._run = ""
        self._resumed_at: int | None = None
        self._waiting: list[tuple[int, Reading]] = []
        self._pictures: dict[int, Path] = {}
        self._there: set[tuple[str, int]] = set()
        self._inert = False
        self.declared: Mapping[str, str] | None = None

    def __enter__(self) -> Live:
        return self

    def resumed(self, readings: Sequence[Reading], pictures: Mapping[int, Path]) -> None:
        """The training goes on from a checkpoint; this is what came before."""
        self._resumed_at = readings[-1].images if readings else 0
        for reading in readings:
            self.losses(reading)
        self._pictures.update(pictures)
        self.saved()

    def losses(self, reading: Reading) -> None:
        """Losses were read."""
        if not self._inert:
            self._waiting.append((int(time.time() * 1000), reading))

    def picture(self, images: int, path: Path) -> None:
        """A fixed-noise picture was drawn, after so many real images."""
        self._pictures[images] = path
        self.saved()

    def saved(self) -> None:
        """Log what is known so far."""
        self._attempt(self._flush)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._attempt(lambda: self._close(kind))

    def _attempt(self, action: Callable[[], object]) -> None:
        if not self._inert:
            self._inert = not quietly(action)

    def _open(self) -> Store:
        if self._store is None:
            training = training_hash(self._declared(), self._data_hash)
            store = open_store(self._cell.track, dataset_of(self._cell.track, self._params))
            if run := _before(store, self._cell, training, self._history()):
                self._run, self._there = run.info.run_id, _there(store, run)
                store.client.update_run(self._run, "RUNNING")
                store.client.set_tag(self._run, PROCESS, self._process)
            else:
                self._run = self._create(store, {CELL: str(self._cell), TRAINING: training, PROCESS: self._process})
            self._store = store
        return self._store

    def _declared(self) -> Mapping[str, str]:
        if self.declared is None:
            self.declared = training_params(self._cell, self._params)
        return self.declared

    def _create(self, store: Store, tags: dict[str, str]) -> str:
        from mlflow.entities import Param

        name = f"{self._cell.variant}/{self._cell.seed}"
        run: str = store.client.create_run(store.experiment, tags=tags, run_name=name).info.run_id
        declared = self._declared()
        store.client.log_batch(run, params=[Param(name, value) for name, value in declared.items()])
        return run

    def _history(self) -> History | None:
        """What the checkpoint knows; None for a training that starts at the beginning."""
        if self._resumed_at is None:
            return None
        terms: dict[str, dict[int, float]] = {}
        for _, reading in self._waiting:
            for term, value in reading.losses.items():
                terms.setdefault(term, {})[reading.images] = value
        return History(terms, self._resumed_at)

    def _flush(self) -> None:
        from mlflow.entities import Metric

        store = self._open()
        metrics = [
            Metric(loss_name(term), value, now, reading.images)
            for now, reading in self._waiting
            for term, value in reading.losses.items()
        ]
        log_metrics(store, self._run, [metric for metric in metrics if (metric.key, metric.step) not in self._there])
        for images, path in self._pictures.items():
            if (PICTURES, images) not in self._there:
                log_picture(store, self._run, images, path)
        self._waiting, self._pictures = [], {}

    def _close(self, kind: type[BaseException] | None) -> None:
        if self._store is None and not self._waiting:
            return
        self._flush()
        store = self._open()
        store.client.delete_tag(self._run, PROCESS)
        store.client.set_tag(self._run, TRAINED_AT, int(time.time() * 1000))
        if kind is not None:
            store.client.set_terminated(self._run, "FAILED" if issubclass(kind, Exception) else "KILLED")


@dataclass(frozen=True)
class History:
    """Losses that a checkpoint brought along."""

    terms: dict[str, dict[int, float]]
    """Loss term → images seen → value."""

    up_to: int
    """Images seen at the last of them."""


def _before(store: Store, cell: Cell, training: str, history: History | None) -> Run | None:
    """The run that followed a training up to its checkpoint. Other runs of the same training are deleted, and those of
    the cell's earlier trainings that were killed without a word are closed."""
    kept: Run | None = None
    for run in unfinished_runs(store, cell, training):
        if kept is None and history and agrees(logged_losses(store, run), history.terms, history.up_to):
            kept = run
        else:
            store.client.delete_run(run.info.run_id)
    running = f"tags.`{CELL}` = '{cell}' and attributes.status = 'RUNNING'"
    for run in store.client.search_runs([store.experiment], running):
        host, _, pid = run.data.tags.get(PROCESS, "").rpartition(":")
        if host == socket.gethostname() and run.data.tags.get(TRAINING) != training and not _alive(int(pid)):
            store.client.set_terminated(run.info.run_id, "KILLED")
    return kept


def _there(store: Store, run: Run) -> set[tuple[str, int]]:
    """Names and steps of the losses and pictures that a run has."""
    losses = {(name, loss.step) for name, losses in logged_losses(store, run).items() for loss in losses}
    return losses | {(PICTURES, step) for step in logged_pictures(store, run.info.run_id)}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
