"""Where a training keeps what it needs to go on after it was killed."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import click
from filelock import FileLock, Timeout
from torch import Tensor

from ganbench.cell import scratch_dir
from ganbench.training.identity import file_hash, key_of
from ganbench.training.interruption import Interruption, Stopped
from ganbench.training.sealed import DamagedError, read_notes, read_sealed, write_sealed, write_whole

FILE = "checkpoint.safetensors"
KEPT = "kept"
"""Folder beside the checkpoint: files that were written once and belong to it."""

LOOK_SECONDS = 0.2
"""Between two looks at a lock that another process holds."""

SHARE = 0.02
"""Of the time at most goes into checkpoints: where one takes long, the next comes later than the interval says."""


class Scratch:
    """The place of one training's checkpoint: ``.scratch/<key>/`` at the root of the project. A context manager.

    One process at a time is in it; another says who is and waits, and finds the finished training when its turn comes.
    The lock is the operating system's, which frees it when a process dies.

    While it is open, the first Ctrl-C or SIGTERM makes a checkpoint due, and `save` leaves by `Stopped`.

    Args:
        name: of the training, for messages and lists, such as ``images/dcgan/0``.
        determines: plain values by name: all that determines the result. A checkpoint made under others is not taken.
        every_seconds: between checkpoints.
        writes: false in all but one of several processes that train one cell: they load, but neither lock nor save.
    """

    def __init__(self, name: str, determines: Mapping[str, Any], every_seconds: float, writes: bool = True) -> None:
        self.name = name
        self.key = key_of({"name": name, "determines": determines})
        self.folder = scratch_dir() / self.key
        self._determines = dict(determines)
        self._every = every_seconds
        self._writes = writes
        self._kept: dict[str, str] = {}
        self._lock = FileLock(lock_of(self.folder))
        self._interruption = Interruption(name)
        self._next = self._due_since = 0.0

    def __enter__(self) -> Scratch:
        if self._writes:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._wait_for_turn()
            self.folder.mkdir(parents=True, exist_ok=True)  # the one before may have been a cleaner
            (self.folder / "holder").write_text(f"{os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            self._interruption.__enter__()
        self._next = time.monotonic() + self._every
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writes:
            self._interruption.__exit__(kind, error, trace)
            self._lock.release()

    def load(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """What was saved last, or None where the training starts at the beginning; why it does is said on stderr.

        Of the files that were kept, those that belong to it stay.
        """
        found = self._read()
        self._kept = found[1]["kept"] if found else {}
        if self._writes and (self.folder / KEPT).is_dir():
            for path in (self.folder / KEPT).iterdir():
                if path.name not in self._kept:
                    path.unlink()
        return (found[0], found[1]["notes"]) if found else None

    def keep(self, name: str, write: Callable[[Path], None]) -> None:
        """Keep a file beside the checkpoints to come, which hold its hash: what stays as it is needs no second writing.

        Args:
            name: of the file.
            write: makes it where it is told to.
        """
        path = self.kept(name)
        path.parent.mkdir(exist_ok=True)
        write_whole(path, write)
        self._kept[name] = file_hash(path)

    def kept(self, name: str) -> Path:
        """Where a file is kept."""
        return self.folder / KEPT / name

    def _read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The checkpoint and its seal's notes, if it is this training's and all that belongs to it is there."""
        path = self.folder / FILE
        try:
            tensors, notes = read_sealed(path)
        except FileNotFoundError:
            if other := self._another():
                self._say(f"{other}; training starts at the beginning")
            return None
        except DamagedError as error:
            self._say(f"{path}: damaged checkpoint refused ({error}); training starts over")
            return None
        if notes.get("key") != self.key:
            self._say(f"{path}: checkpoint of another training refused ({notes.get('name')}); training starts over")
            return None
        for name, digest in notes["kept"].items():
            kept = self.kept(name)
            if not kept.is_file() or file_hash(kept) != digest:
                self._say(f"{kept}: not the file that the checkpoint needs; training starts over")
                return None
        return tensors, notes

    def due(self) -> bool:
        """Whether it is time to save."""
        now = time.monotonic()
        if not self._writes or (now < self._next and not self._interruption.asked):
            return False
        self._due_since = now
        return True

    def save(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any], done: float = 0.0) -> None:
        """Replace the checkpoint.

        Args:
            tensors: of any names.
            notes: plain values.
            done: the share of the training that lies behind; 1 when it is finished.

        Raises:
            Stopped: somebody asked for it before the training was finished.
        """
        if not self._writes:
            return
        began = self._due_since or time.monotonic()
        sealed = {"name": self.name, "key": self.key, "determines": self._determines, "done": done}
        sealed |= {"notes": notes, "kept": self._kept}
        write_sealed(self.folder / FILE, tensors, sealed)
        now = time.monotonic()
        self._next, self._due_since = now + max(self._every, (now - began) * (1 / SHARE - 1)), 0.0
        if self._interruption.asked and done < 1:
            self._say(f"stopped with {done:.1%} done; the same command goes on from there")
            raise Stopped(128 + self._interruption.asked)

    def _wait_for_turn(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self._say(f"process {holder_of(self.folder)} is training it; waiting until that is done")
            self._lock.acquire(poll_interval=LOOK_SECONDS)

    def _another(self) -> str | None:
        """The latest unfinished checkpoint of the same name, and in what it differs."""
        found = [(path.stat().st_mtime, notes) for path, notes in checkpoints() if notes.get("name") == self.name]
        found = [(when, notes) for when, notes in found if notes["done"] < 1]
        if not found:
            return None
        notes = max(found, key=lambda one: one[0])[1]
        differs = [name for name, value in self._determines.items() if notes["determines"].get(name) != value]
        return f"a checkpoint with {notes['done']:.1%} done was made with other {', '.join(differs)}"

    def _say(self, line: str) -> None:
        if self._writes:
            click.echo(f"{self.name}: {line}", err=True)


def checkpoints() -> Iterator[tuple[Path, dict[str, Any]]]:
    """All checkpoints of the project that are legible, with what is known of them; their tensors are not read."""
    for path in sorted(scratch_dir().glob(f"*/{FILE}")):
        try:
            yield path, read_notes(path)
        except (DamagedError, FileNotFoundError):
            continue


def lock_of(folder: Path) -> Path:
    """The lock stands beside the folder, so that whoever removes the folder can hold it."""
    return folder.with_name(f"{folder.name}.lock")


def holder_of(folder: Path) -> str:
    """``<pid> on <host>`` of the process that is, or was last, in a scratch folder."""
    try:
        return (folder / "holder").read_text(encoding="utf-8")
    except FileNotFoundError:
        return "another"
