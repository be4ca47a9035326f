"""What tests let other processes do; they come from a fork server that has imported everything once."""

from __future__ import annotations

import multiprocessing
import os
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from fake_cells import GAN, WGAN_GP, declare
from test_tracking_live import STEPS, train
from test_tracking_record import GAN as CELL

from ganbench.cell import Cell
from ganbench.tracking.live import Live
from ganbench.tracking.record import record


def start(target: str, *args: object) -> ForkServerProcess:
    """Run a function of this module in a new process, the working directory of now being its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "mlflow.pyfunc", "mlflow.store.tracking.sqlalchemy_store", __name__])
    process = context.Process(target=_run, args=(target, str(Path.cwd()), *args))
    process.start()
    return process


def _run(target: str, root: str, *args: object) -> None:
    os.chdir(root)
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        os.environ.pop(name, None)
    globals()[target](*args)


def record_cell(cell: str, log: Path) -> None:
    """Record a cell of the fake project; what it prints goes to a file."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    record(Cell.parse(cell), declare(gan=GAN, wgan_gp=WGAN_GP))


def train_and_wait(change: dict[str, object], folder: Path) -> None:
    """A training that stands still after two thirds, until it is killed."""
    with Live(CELL, declare(gan=GAN | change, wgan_gp=WGAN_GP), "1" * 64) as live:
        train(live, folder, STEPS[:2])
        (folder / "waiting").touch()
        time.sleep(60)
