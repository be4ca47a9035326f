"""Tracking in a process of its own: MLflow's import takes as long as torch's, and no stage should wait for it."""

from __future__ import annotations

import base64
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import click

import ganbench
from ganbench.cell import Cell
from ganbench.params import Params
from ganbench.tracking.quietly import quietly

if TYPE_CHECKING:
    from ganbench.training.reading import Reading

PATIENCE_SECONDS = 300
"""How long the end of a stage waits for what is still to be recorded."""


class Aside:
    """A context manager around a stage's work. It starts ``ganbench.tracking.follow`` and passes on what happens.

    Nothing that goes wrong there reaches the stage: it is said in one line on stderr, and the work goes on. Nothing
    here waits, except the end, for what is still to be recorded.

    Args:
        cell: whose training is followed live; the object is a watcher of ``ganbench.training``.
        data_hash: ``sha256.train`` of the packed store.
    """

    def __init__(self, cell: Cell | None = None, data_hash: str | None = None) -> None:
        self._first = {
            "cell": None if cell is None else str(cell),
            "data_hash": data_hash,
            "process": f"{socket.gethostname()}:{os.getpid()}",
        }
        self._messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def __enter__(self) -> Aside:
        # a stage may run another checkout's code than the installed one
        environment = os.environ | {"PYTHONPATH": str(Path(ganbench.__file__).parents[1])}
        command = [sys.executable, "-m", "ganbench.warm", "ganbench.tracking.follow"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, text=True)
        assert self._process.stdin
        self._thread = threading.Thread(target=_pass_on, args=(self._messages, self._process.stdin), daemon=True)
        self._thread.start()
        self._messages.put(self._first)
        return self

    def declare(self, cell: Cell, params: Params) -> None:
        """Tell what a training depends on: the other process would have to import torch to know it."""
        from ganbench.tracking.describe import training_params

        quietly(lambda: self._messages.put({"declared": training_params(cell, params)}))

    def losses(self, reading: Reading) -> None:
        """Losses were read."""
        self._messages.put({"losses": asdict(reading)})

    def picture(self, images: int, path: Path) -> None:
        """A fixed-noise picture was drawn, after so many real images."""
        self._messages.put({"picture": _picture(images, path)})

    def resumed(self, readings: Sequence[Reading], pictures: Mapping[int, Path]) -> None:
        """The training goes on from a checkpoint; this is what came before."""
        before = {"readings": [asdict(reading) for reading in readings]}
        self._messages.put({"resumed": before | {"pictures": [_picture(*one) for one in pictures.items()]}})

    def saved(self) -> None:
        """A checkpoint was written."""
        self._messages.put({"saved": True})

    def record(self, cell: Cell, params: Params) -> None:
        """A cell's outputs are complete: record them, with what only torch can tell of its generators."""
        from ganbench.tracking.model import describe

        quietly(lambda: self._messages.put({"record": {"cell": str(cell), "known": describe(cell, params)}}))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end = "ended" if kind is None else "failed" if issubclass(kind, Exception) else "killed"
        self._messages.put({"close": end})
        self._messages.put(None)
        try:
            code = self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if code:
            message = f"tracking: its process ended with {code}; `ganbench sync` can import the run later"
            click.echo(message, err=True)


def _pass_on(messages: queue.SimpleQueue[dict[str, Any] | None], pipe: IO[str]) -> None:
    """Until None comes, or nobody reads any more."""
    try:
        with pipe:
            while (message := messages.get()) is not None:
                pipe.write(json.dumps(message) + "\n")
                pipe.flush()
    except BrokenPipeError:
        return  # the process ended; `__exit__` says so


def _picture(images: int, path: Path) -> list[Any]:
    """The file itself: it stands in a folder that is renamed at the end of the training."""
    return [images, base64.b64encode(path.read_bytes()).decode("ascii")]
