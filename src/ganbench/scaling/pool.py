"""Several DVC commands at a time, each in a process group of its own, so that it ends with all that it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from ganbench.outputs import write_text
from ganbench.scaling.devices import Place
from ganbench.scaling.dvc import DVC, environment, explanation
from ganbench.scaling.progress import Display

LOGS = Path(".scratch/repro")
RUNNING = re.compile(r"^Running stage '(?P<stage>[^']+)'")
RESTORED = re.compile(r"^Stage '(?P<stage>[^']+)' is cached")
PATIENCE = ((signal.SIGINT, 60.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
"""How a process is asked to end, and the seconds it is given to do it; a training saves first."""


@dataclass(frozen=True)
class Task:
    """A ``dvc repro`` with these arguments."""

    name: str
    arguments: tuple[str, ...]


@dataclass
class Outcome:
    """What became of a task."""

    task: Task
    ran: list[str] = field(default_factory=list)
    """Stages whose commands were run."""
    restored: list[str] = field(default_factory=list)
    """Stages whose outputs came from DVC's cache."""
    seconds: float = 0.0
    failure: str | None = None

    def __str__(self) -> str:
        if self.failure is not None:
            return f"{self.task.name} failed: {self.failure}; its output: {log_of(self.task)}"
        what = f"ran {', '.join(self.ran)}" if self.ran else "from the cache" if self.restored else "up to date"
        return f"{self.task.name}: {what}, {self.seconds:.0f} s"


def log_of(task: Task) -> Path:
    """Where a task's output is kept until its next run."""
    return LOGS / f"{task.name.replace('/', '_')}.log"


class Pool:
    """Runs tasks, one at a time at each place. A task that fails does not stop the others.

    Args:
        places: where.
        display: told of everything.
    """

    def __init__(self, places: Sequence[Place], display: Display) -> None:
        self._places = places
        self._display = display
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopping = False

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Run all tasks, in this order as far as places are free.

        Raises:
            KeyboardInterrupt: asked to end, by Ctrl-C or SIGTERM; every process that was started has ended.
        """
        waiting, outcomes = deque(tasks), list[Outcome]()
        with _sigterm_interrupts(), ThreadPoolExecutor(len(self._places)) as threads:
            try:
                working = [threads.submit(self._work, place, waiting, outcomes) for place in self._places]
                while wait(working, timeout=0.2).not_done:  # without a timeout it could not be interrupted everywhere
                    pass
            except BaseException:
                self._stop()
                raise
            for work in working:
                work.result()
        return outcomes

    def _work(self, place: Place, waiting: deque[Task], outcomes: list[Outcome]) -> None:
        while not self._stopping:
            try:
                task = waiting.popleft()
            except IndexError:
                return
            outcome = self._run(task, place)
            outcomes.append(outcome)
            if not self._stopping:
                self._display.end(place, str(outcome))

    def _run(self, task: Task, place: Place) -> Outcome:
        outcome, start = Outcome(task), time.monotonic()
        with self._lock:
            if self._stopping:
                return outcome
            process = subprocess.Popen(
                [*DVC, "repro", *task.arguments],
                env=environment(place.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._processes.add(process)
        said: list[str] = []
        stage = task.name
        assert process.stdout is not None
        for line, lasting in _lines(process.stdout):
            if lasting:
                said.append(line)
            if match := RUNNING.match(line):
                stage = match["stage"]
                outcome.ran.append(stage)
            elif match := RESTORED.match(line):
                outcome.restored.append(match["stage"])
            if line.strip():
                self._display.say(place, stage, line.strip())
        code = process.wait()
        with self._lock:
            self._processes.discard(process)
        output = "\n".join(said)
        write_text(log_of(task), output + "\n")
        outcome.seconds = time.monotonic() - start
        outcome.failure = explanation(output) if code else None
        return outcome

    def _stop(self) -> None:
        """Ask every process to end, ever more strongly; another Ctrl-C means at once."""
        with self._lock:
            self._stopping = True
            processes = list(self._processes)
        for sign, seconds in PATIENCE:
            for process in processes:
                _signal_group(process, sign)
            if _ended(processes, seconds):
                return


def _lines(stream: IO[bytes]) -> Iterator[tuple[str, bool]]:
    """What a process prints, line by line, each with whether it stays; what a progress bar overwrites does not."""
    left = b""
    while chunk := os.read(stream.fileno(), 65536):
        *whole, left = re.split(rb"(?<=[\r\n])", left + chunk)
        for line in whole:
            yield line.decode(errors="replace").rstrip("\r\n"), line.endswith(b"\n")
    if left:
        yield left.decode(errors="replace"), True


def _ended(processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> bool:
    """Wait for them, at most so long."""
    deadline = time.monotonic() + seconds
    try:
        while any(_group_alive(process) for process in processes):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    except KeyboardInterrupt:
        return False
    return True


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    try:
        os.killpg(process.pid, sign)
    except ProcessLookupError:
        return


def _group_alive(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """SIGTERM, as schedulers send it, ends like Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
