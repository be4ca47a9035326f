"""Starts the processes that share one cell on this machine, and says in one line why they ended.

They get torchrun's variables. torchrun itself is for several machines: it answers the loss of a worker with pages.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from torch import distributed

from ganbench.across import LOST
from ganbench.errors import BenchError
from ganbench.training.distributed import LAUNCHER, started_as_worker

GRACE_SECONDS = 60
"""After a worker lost contact: for the others to end, as the one that it lost does, or that saves and leaves."""


def must_launch(processes: int) -> bool:
    """Whether this process has to start others that train."""
    return processes > 1 and not started_as_worker()


def launch(processes: int) -> None:
    """Run this very command in so many processes and wait for them.

    The first speaks on the terminal; what the others say is shown when they fail. A signal goes on to the first, which
    saves and leaves.

    Raises:
        BenchError: a process failed or was killed; none is left.
        SystemExit: asked to stop; all is saved.
    """
    store = distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / str(rank) for rank in range(processes)]
        workers = [_start(rank, processes, store.port, said[rank]) for rank in range(processes)]
        try:
            with _passed_on(workers[0]):
                failed = _wait(workers)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        if failed is None:
            return
        code = workers[failed].returncode
        if failed == 0 and code > 128:
            raise SystemExit(code)
        click.echo(err=True)  # a progress bar may stand there
        raise BenchError(f"process {failed} of {processes} {_reason(code, said[failed])}")


def _start(rank: int, processes: int, port: int, said: Path) -> subprocess.Popen[bytes]:
    environment = {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # the launcher holds the store, all workers are its clients
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, (os.cpu_count() or 1) // processes)),
        LAUNCHER: str(os.getpid()),
    }
    command = [sys.executable, *sys.argv]
    if rank == 0:
        return subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)
    with said.open("wb") as file:
        return subprocess.Popen(
            command,
            env={**os.environ, **environment},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )


def _wait(workers: list[subprocess.Popen[bytes]]) -> int | None:
    """Until all have ended well, or one has not: which, the first cause where others only lost contact."""
    deadline = float("inf")
    while True:
        codes = [worker.poll() for worker in workers]
        causes = [rank for rank, code in enumerate(codes) if code not in (None, 0, LOST)]
        if causes:
            return causes[0]
        if all(code == 0 for code in codes):
            return None
        if any(codes):
            deadline = min(deadline, time.monotonic() + GRACE_SECONDS)
            if time.monotonic() > deadline or None not in codes:
                return codes.index(LOST)
        time.sleep(0.05)


def _reason(code: int, said: Path) -> str:
    onwards = "; the same command goes on from the last checkpoint"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}{onwards}"
    if code == LOST:
        return f"lost contact with the others{onwards}"
    lines = said.read_text(encoding="utf-8", errors="replace").split("\n") if said.exists() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"failed: {last.removeprefix('Error: ')}" if last else f"failed, as it says above (exit code {code})"


@contextmanager
def _passed_on(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """Signals go to a worker; this process waits for what it makes of them."""

    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        worker.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
