"""How far each job is: a line a job that is kept up to date on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from abc import ABC, abstractmethod
from typing import TextIO

from tqdm import tqdm

from ganbench.scaling.devices import Place

SECONDS_BETWEEN = 30
"""Where there is no terminal: between two lines of one job."""


class Display(ABC):
    """Told by several threads at once, in turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, place: Place, stage: str, text: str) -> None:
        """The job at this place is in this stage, and printed this."""
        with self._lock:
            self._say(place, stage, text)

    def end(self, place: Place, text: str) -> None:
        """The job at this place has ended, as the text says."""
        with self._lock:
            self._end(place, text)

    @abstractmethod
    def close(self) -> None:
        """Nothing more will be said."""

    @abstractmethod
    def _say(self, place: Place, stage: str, text: str) -> None: ...

    @abstractmethod
    def _end(self, place: Place, text: str) -> None: ...


class Bars(Display):
    """For a terminal: a bar that counts the jobs, and below it a line a place."""

    def __init__(self, jobs: int, places: list[Place], file: TextIO) -> None:
        super().__init__()
        form = "{desc}: {n_fmt}/{total_fmt} |{bar}| {elapsed}"
        self._all = tqdm(total=jobs, desc="jobs", bar_format=form, file=file, dynamic_ncols=True)
        self._lines = {
            place.number: tqdm(total=0, bar_format="{desc}", position=place.number + 1, leave=False, file=file)
            for place in places
        }
        self._file = file

    def _say(self, place: Place, stage: str, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._lines[place.number].set_description_str(f"{place.prefix}{stage}: {text}"[:width])

    def _end(self, place: Place, text: str) -> None:
        self._lines[place.number].set_description_str("")
        self._all.write(text, file=self._file)
        self._all.update()

    def close(self) -> None:
        """The lines vanish, the count stays."""
        for line in self._lines.values():
            line.close()
        self._all.close()


class Lines(Display):
    """For a file: a line when a job enters a stage or ends, and one every half minute."""

    def __init__(self, jobs: int, file: TextIO) -> None:
        super().__init__()
        self._jobs = jobs
        self._ended = 0
        self._file = file
        self._said: dict[int, tuple[str, float]] = {}

    def _say(self, place: Place, stage: str, text: str) -> None:
        before, when = self._said.get(place.number, ("", 0.0))
        if stage != before or time.monotonic() - when >= SECONDS_BETWEEN:
            self._said[place.number] = (stage, time.monotonic())
            self._print(f"{place.prefix}{stage}: {text}" if stage == before else f"{place.prefix}{stage}")

    def _end(self, place: Place, text: str) -> None:  # noqa: ARG002
        self._ended += 1
        self._print(f"[{self._ended}/{self._jobs}] {text}")

    def close(self) -> None:
        """Nothing is left to do."""

    def _print(self, line: str) -> None:
        self._file.write(f"{line}\n")
        self._file.flush()


def display(jobs: int, places: list[Place]) -> Display:
    """Bars on a terminal, lines elsewhere; both on stderr."""
    return Bars(jobs, places, sys.stderr) if sys.stderr.isatty() else Lines(jobs, sys.stderr)
