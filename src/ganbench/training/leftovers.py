"""Checkpoints that lie about, and how they go."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ganbench.cell import scratch_dir
from ganbench.training.checkpoint import FILE, holder_of, lock_of
from ganbench.training.sealed import DamagedError, read_notes


@dataclass(frozen=True)
class Leftover:
    """A scratch folder."""

    folder: Path
    name: str
    """Of its training; ``?`` where the checkpoint isn't legible."""
    done: float | None
    """Share of the training that lies behind; None without a legible checkpoint."""
    size: int
    """Bytes."""
    age: float
    """Seconds since the last checkpoint."""

    @property
    def resumable(self) -> bool:
        """Whether an unfinished training can go on from it."""
        return self.done is not None and self.done < 1

    def __str__(self) -> str:
        state = "nothing to go on from" if self.done is None else f"{self.done:.1%} done"
        hours, minutes = divmod(int(self.age / 60), 60)
        return f"{self.name}: {state}, {self.size / 1e6:.1f} MB, {hours} h {minutes} min old"


def leftovers() -> list[Leftover]:
    """All scratch folders of trainings, the oldest first."""
    folders = [path for path in scratch_dir().glob("*/") if len(path.name) == 64]
    return sorted(map(_look, folders), key=lambda found: -found.age)


def remove(leftover: Leftover) -> str | None:
    """Remove it, unless its training runs: then say which process that is."""
    lock = FileLock(lock_of(leftover.folder))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return holder_of(leftover.folder)
    try:
        shutil.rmtree(leftover.folder)
        lock_of(leftover.folder).unlink()
    finally:
        lock.release()
    return None


def forget_finished(name: str) -> None:
    """Remove the finished checkpoints of a training.

    They serve if a training is killed after its last round and before DVC has recorded its outputs. The stage that DVC
    starts afterwards calls this: a training that is asked for again is then computed again.
    """
    for leftover in leftovers():
        if leftover.name == name and leftover.done == 1:
            remove(leftover)


def _look(folder: Path) -> Leftover:
    path = folder / FILE
    try:
        notes = read_notes(path)
    except (DamagedError, FileNotFoundError):
        notes = {}
    files = [file.stat() for file in (*folder.rglob("*"), folder) if file.exists()]
    size = sum(file.st_size for file in files)
    age = time.time() - max(file.st_mtime for file in files)
    return Leftover(folder, notes.get("name", "?"), notes.get("done"), size, age)
