"""How far a measurement has come; bars go to stderr, tables to stdout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(things: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The things, one after the other, with a bar that counts those that are done."""
    yield from tqdm(things, desc=what, total=total)
