"""Several trials at a time: the same command in processes of their own, which share the study's journal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from ganbench.errors import BenchError
from ganbench.scaling.devices import Place
from ganbench.training.interruption import SIGNALS, Stopped

SEARCH = (sys.executable, "-m", "ganbench.cli", "search")


def run_jobs(arguments: Sequence[str], places: Sequence[Place], logs: Path, command: Sequence[str] = SEARCH) -> None:
    """Run a search at every place, and wait until none has a trial left.

    What a process finds out goes to the terminal; its progress and its errors go to a log, ``job-<place>.log``. Signals
    are passed on: each process saves its training and stops, and the same command goes on from there.

    Args:
        arguments: of one search.
        places: one a process.
        logs: the folder of the logs.
        command: that searches.

    Raises:
        Stopped: by a signal.
        BenchError: a process failed; the others have gone on to their end.
    """
    logs.mkdir(parents=True, exist_ok=True)
    paths = [logs / f"job-{place.number}.log" for place in places]
    jobs: list[subprocess.Popen[bytes]] = []
    with ExitStack() as files, _passing_on(jobs) as signals:
        for place, path in zip(places, paths, strict=True):
            environment, log = {**os.environ, **place.environment}, files.enter_context(path.open("wb"))
            jobs.append(subprocess.Popen([*command, *arguments], env=environment, stderr=log, start_new_session=True))
        codes = [job.wait() for job in jobs]
    if signals:
        raise Stopped(128 + signals[0])
    for code, path in zip(codes, paths, strict=True):
        if code:
            said = path.read_text(encoding="utf-8", errors="replace").strip() or "nothing"
            raise BenchError(f"{path}: exit status {code}: {said.splitlines()[-1]}")


@contextmanager
def _passing_on(jobs: Sequence[subprocess.Popen[bytes]]) -> Iterator[list[int]]:
    """Hand SIGINT and SIGTERM to the jobs; the signals that came."""
    came: list[int] = []

    def hand(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        came.append(number)
        for job in jobs:
            job.send_signal(number)

    before = {number: signal.signal(number, hand) for number in SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
