"""A training script of a peer, taken apart: what comes before its loop, and the body of the loop, unmodified."""

from __future__ import annotations

import ast
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from torch import Tensor

from ganbench.errors import BenchError

T = TypeVar("T")


class Script:
    """``for epoch in …: for i, (imgs, _) in enumerate(dataloader): …`` with the loop in our hands.

    Everything before the loop runs as it stands, with the modules beside it; the loop's body is compiled as it stands,
    and run with the batch that it is given. What it prints is formatted, and thrown away.

    Args:
        path: the script.
        arguments: its command line.
        folder: to work in, as if the script stood there.
    """

    def __init__(self, path: Path, arguments: Sequence[str], folder: Path) -> None:
        setup, self._body = _split(path)
        self.names: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
        self._folder = folder
        self._played = 0
        with self._inside(), _command_line([path.name, *arguments]), _modules_of(path.parent):
            exec(setup, self.names)
        self.names["epoch"] = 0

    def step(self, batch: Tensor | Mapping[str, Any]) -> None:
        """One pass through the loop's body, with images, or with all that the loop's head names."""
        self.names |= {**(batch if isinstance(batch, Mapping) else {"imgs": batch}), "i": self._played}
        exec(self._body, self.names)
        self._played += 1

    def play(self, batches: Iterator[Tensor | Mapping[str, Any]], steps: int) -> None:
        """So many passes."""
        with self._inside():
            for _ in range(steps):
                self.step(next(batches))

    def following(self, batches: Iterator[T]) -> T | None:
        """The next of its loader's batches, which may name files as they lie from its folder; None after the last."""
        with self._inside():
            return next(batches, None)

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        with contextlib.chdir(self._folder), Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield


def loader_batches(script: Script) -> Iterator[Tensor]:
    """Batches of the script's own loader, epoch after epoch."""
    while True:
        for images, _ in script.names["dataloader"]:
            yield images


def _split(path: Path) -> tuple[CodeType, CodeType]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    epochs = [node for node in tree.body if isinstance(node, ast.For)]
    batches = [node for node in epochs[-1].body if isinstance(node, ast.For)] if epochs else []
    if not batches:
        raise BenchError(f"{path}: no loop over epochs and batches; expected a training script")
    before = ast.Module(tree.body[: tree.body.index(epochs[-1])], type_ignores=[])
    body = ast.Module(batches[-1].body, type_ignores=[])
    return compile(before, str(path), "exec"), compile(body, str(path), "exec")


@contextlib.contextmanager
def _modules_of(folder: Path) -> Iterator[None]:
    """Let a script import its neighbours, and forget them: others have neighbours of the same names."""
    sys.path.insert(0, str(folder))
    before = set(sys.modules)
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in sys.modules.keys() - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == folder:
                del sys.modules[name]


@contextlib.contextmanager
def _command_line(arguments: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, arguments
    try:
        yield
    finally:
        sys.argv = before
