"""What a task of translation is to the rest of the bench: two views of the images of a raw set.

A task is one frozen dataclass in one module of ``ganbench.data.translation.tasks``, found by its name; its fields are
its options.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Source
from ganbench.data.translation.domains import Pairing
from ganbench.errors import BenchError
from ganbench.params import FILE, Choice, Translation
from ganbench.registry import Registry

Images = NDArray[np.uint8]
SECTION = "translation.task"
DATASET = "translation.dataset"
COLOURS = 3


@dataclass(frozen=True)
class View:
    """One domain, as a function of prepared images.

    Attributes:
        channels: of the domain's images.
        see: images uint8 (n, H, W, C) of the raw set and their places in the split, int64 (n,), → images of the
            domain, uint8 (n, H, W, channels), contiguous. Places count in a random order: their parity is a fair coin.
        label: the domain is made of the images with this label alone; None: of all.
        name: of the images with that label, the domain's one class.
    """

    channels: int
    see: Callable[[Images, NDArray[np.int64]], Images]
    label: int | None = None
    name: str = ""


class Task(ABC):
    """How two domains come of a raw set."""

    joint: ClassVar[bool] = False
    """The raw set's records are pairs of images, a's channels first."""

    @abstractmethod
    def source(self, track: Translation) -> Source:
        """The raw set that the track names; making it checks that its files are there and that they fit the task.

        Raises:
            BenchError: they are not, or do not.
        """

    @abstractmethod
    def pairing(self) -> Pairing:
        """How the rows of the two domains belong together."""

    @abstractmethod
    def views(self, source: Source, channels: int) -> tuple[View, View]:
        """The domains a and b of images with so many channels.

        Raises:
            BenchError: the task makes no sense with these classes or channels.
        """

    def alternatives(self, channels: int) -> tuple[View, View] | None:  # noqa: ARG002
        """The answers in a and in b of a second mapping that is as right; None where there is none."""
        return None


TASKS: Registry[Task] = Registry("task", "ganbench.data.translation.tasks")


def open_task(choice: Choice) -> Task:
    """The task that params.yaml names.

    Raises:
        BenchError: it is not known, or has no such options.
    """
    return TASKS.build(choice, SECTION)


def open_domains(track: Translation) -> tuple[Task, Source, tuple[View, View]]:
    """The task that params.yaml names, the raw set that it starts from, and the two domains that it makes of it.

    Raises:
        BenchError: unknown task, option or class, missing or unfit files, channels that make no sense.
    """
    task = open_task(track.task)
    source = task.source(track)
    return task, source, task.views(source, track.channels)


def as_it_is(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
    """The view of the image itself."""
    return images


def halves(channels: int) -> tuple[View, View]:
    """The views of a joint record: its first channels, and its last."""

    def a(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
        return np.ascontiguousarray(images[..., :channels])

    def b(images: Images, places: NDArray[np.int64]) -> Images:  # noqa: ARG001
        return np.ascontiguousarray(images[..., channels:])

    return View(channels, a), View(channels, b)


def luminance(images: Images) -> Images:
    """ITU-R 601 in whole numbers, as Pillow has it: uint8 (n, H, W, 3) → (n, H, W, 1)."""
    red, green, blue = np.moveaxis(images.astype(np.uint32), 3, 0)
    grey = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16
    return np.asarray(grey[..., None], np.uint8)


def in_colour(task: str, channels: int) -> None:
    """Refuse grey images for a task about colours.

    Raises:
        BenchError: there is one channel.
    """
    if channels != COLOURS:
        raise BenchError(
            f"{FILE}: translation.channels: {channels}: the task {task} is about colours; allowed: {COLOURS}"
        )
