"""Checkpoints of trainings that never ran, and processes that hold them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ganbench.training.checkpoint import FILE, Scratch

FACTS = {"declaration": {"lr": 1e-3}, "threads": 1}
TENSORS = {"weights": torch.arange(6.0).view(2, 3), "step": torch.tensor(7)}


def scratch(name: str = "images/gan/0", every: float = 60, **changes: object) -> Scratch:
    return Scratch(name, FACTS | changes, every)


def leave(done: float = 0.25, name: str = "images/gan/0", **changes: object) -> Path:
    """A checkpoint that a process left behind."""
    with scratch(name, **changes) as left:
        left.save(TENSORS, {"rows": [1, 2]}, done)
    return left.folder / FILE


def start(function: Callable[..., None], *args: object) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=function, args=args)
    process.start()
    return process


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)
