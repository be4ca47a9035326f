"""A training's run while it trains: losses and fixed-noise pictures."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ganbench.cell import Cell
from ganbench.params import Params
from ganbench.tracking.describe import training_hash, training_params
from ganbench.tracking.quietly import quietly
from ganbench.tracking.store import (
    CELL,
    PICTURES,
    TRAINED_AT,
    TRAINING,
    Store,
    log_metrics,
    loss_name,
    open_store,
    unfinished_runs,
)

if TYPE_CHECKING:
    from ganbench.training.trainer import Reading

PROCESS = "ganbench.process"
"""``host:pid`` of the training, as long as it runs."""


class Live:
    """Tells MLflow about a training, a context manager around it; a watcher of ``ganbench.training``.

    The run is made at the first event. Losses are kept back until the next picture, about ten times a training, so
    that each costs one transaction. Steps count real images shown to the discriminator: a critic of five steps sees as
    many as any other discriminator at the same step, and the curves compare.

    The run stays open when the training ends well; `ganbench.tracking.record.record` completes it from the outputs. A
    run that was interrupted is deleted when the same training starts anew.

    Whatever goes wrong here is said once, and then nothing more is tried.

    Args:
        cell: the one that trains.
        params: as declared.
        data_hash: ``sha256.train`` of the packed store.
    """

    def __init__(self, cell: Cell, params: Params, data_hash: str) -> None:
        self._cell = cell
        self._params = params
        self._data_hash = data_hash
        self._store: Store | None = None
        self._run = ""
        self._waiting: list[tuple[int, Reading]] = []
        self._inert = False

    def __enter__(self) -> Live:
        return self

    def losses(self, reading: Reading) -> None:
        """Losses were read."""
        if not self._inert:
            self._waiting.append((int(time.time() * 1000), reading))

    def picture(self, images: int, path: Path) -> None:
        """A fixed-noise picture was drawn, after so many real images."""
        self._attempt(lambda: self._log_picture(images, path))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._attempt(lambda: self._close(kind))

    def _attempt(self, action: Callable[[], object]) -> None:
        if not self._inert:
            self._inert = not quietly(action)

    def _open(self) -> Store:
        if self._store is None:
            training = training_hash(self._cell, self._params, self._data_hash)
            store = open_store(self._cell.track, getattr(self._params, self._cell.track).dataset)
            from mlflow.entities import Param

            _clear(store, self._cell, training)
            tags = {CELL: str(self._cell), TRAINING: training, PROCESS: f"{socket.gethostname()}:{os.getpid()}"}
            name = f"{self._cell.variant}/{self._cell.seed}"
            self._run = store.client.create_run(store.experiment, tags=tags, run_name=name).info.run_id
            declared = training_params(self._cell, self._params)
            store.client.log_batch(self._run, params=[Param(name, value) for name, value in declared.items()])
            self._store = store
        return self._store

    def _log_picture(self, images: int, path: Path) -> None:
        from PIL import Image

        store = self._open()
        self._flush(store)
        with Image.open(path) as picture:
            store.client.log_image(self._run, picture, key=PICTURES, step=images)

    def _flush(self, store: Store) -> None:
        from mlflow.entities import Metric

        metrics = [
            Metric(loss_name(term), value, now, reading.images)
            for now, reading in self._waiting
            for term, value in reading.losses.items()
        ]
        log_metrics(store, self._run, metrics)
        self._waiting = []

    def _close(self, kind: type[BaseException] | None) -> None:
        if self._store is None and not self._waiting:
            return
        store = self._open()
        self._flush(store)
        store.client.delete_tag(self._run, PROCESS)
        store.client.set_tag(self._run, TRAINED_AT, int(time.time() * 1000))
        if kind is not None:
            store.client.set_terminated(self._run, "FAILED" if issubclass(kind, Exception) else "KILLED")


def _clear(store: Store, cell: Cell, training: str) -> None:
    """Delete what an interrupted run of the same training left, and close the runs that were killed without a word."""
    for run in unfinished_runs(store, cell, training):
        store.client.delete_run(run.info.run_id)
    running = f"tags.`{CELL}` = '{cell}' and attributes.status = 'RUNNING'"
    for run in store.client.search_runs([store.experiment], running):
        host, _, pid = run.data.tags.get(PROCESS, "").rpartition(":")
        if host == socket.gethostname() and not _alive(int(pid)):
            store.client.set_terminated(run.info.run_id, "KILLED")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
