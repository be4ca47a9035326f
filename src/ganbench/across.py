"""Quantities of the whole batch when several processes train one cell, each on its slice of it.

Without a process group every function here is the identity. With one, rank r of R holds samples r·N to (r+1)·N of a
global batch of R·N, in rank order. The functions are differentiable any number of times. Their gradients are those of
the sum of the losses of all ranks, so that the mean of the parameters' gradients over the ranks is the gradient of the
mean loss, as one process would compute it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Any

import torch
from torch import Tensor, distributed

from ganbench.errors import BenchError

_alone = False

TIMEOUT = timedelta(minutes=5)
"""For which a process waits for another: one that died is noticed at once, a machine that fell silent after that."""

LOST = 75
"""Exit code of a process that lost contact: try again later, in the words of sysexits.h."""


class LostError(BenchError):
    """Another process of the same training is gone."""

    exit_code = LOST

    def show(self, file: IO[Any] | None = None) -> None:
        """On stderr, except below a launcher: it knows who was lost, and says so."""
        if "GANBENCH_LAUNCHER" not in os.environ:
            super().show(file)


@contextmanager
def contact() -> Iterator[None]:
    """Around whatever waits for other processes.

    Raises:
        LostError: torch's many pages on that, in a line.
    """
    try:
        yield
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise LostError(
            f"lost contact with another process of this training ({reason[:120]}); the same command goes on from the "
            "last checkpoint"
        ) from None


@contextmanager
def alone() -> Iterator[None]:
    """For what one process computes by itself while the others go on: inside, `size` is 1."""
    global _alone
    before, _alone = _alone, True
    try:
        yield
    finally:
        _alone = before


def size() -> int:
    """How many processes train together."""
    if _alone:
        return 1
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def index() -> int:
    """Which of them this one is, counted from 0."""
    return distributed.get_rank() if size() > 1 else 0


def gather(values: Tensor) -> Tensor:
    """The samples of all ranks: (N, …) → (R·N, …), the same on every rank."""
    return _Gather.apply(values) if size() > 1 else values


def own(values: Tensor) -> Tensor:
    """This rank's slice of what concerns the whole batch: (R·N, …) → (N, …)."""
    if size() == 1:
        return values
    count = len(values) // size()
    return values[index() * count : (index() + 1) * count]


def mean(values: Tensor) -> Tensor:
    """The mean over the ranks of a tensor that each has in the same shape, such as the mean of its own samples."""
    return _Mean.apply(values) if size() > 1 else values


def draw(sampler: Callable[..., Tensor], count: int, *shape: int, **options: Any) -> Tensor:
    """This rank's slice of what one process would draw for the whole batch: ``draw(torch.rand, N, 1)`` is (N, 1).

    Every rank draws all of it, so the random states of the ranks stay equal.
    """
    return own(sampler(count * size(), *shape, **options))


def _gathered(values: Tensor) -> Tensor:
    values = values.contiguous()
    parts = [torch.empty_like(values) for _ in range(size())]
    with contact():
        distributed.all_gather(parts, values)
    return torch.cat(parts)


def _summed(values: Tensor) -> Tensor:
    values = values.clone(memory_format=torch.contiguous_format)
    with contact():
        distributed.all_reduce(values)
    return values


class _Gather(torch.autograd.Function):
    """Its adjoint sums over the ranks and takes the slice."""

    @staticmethod
    def forward(values: Tensor) -> Tensor:
        return _gathered(values)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ARG004
        return _SumOwn.apply(grad)  # type: ignore[no-any-return]


class _SumOwn(torch.autograd.Function):
    """Sum over the ranks, then this rank's slice; its adjoint gathers."""

    @staticmethod
    def forward(values: Tensor) -> Tensor:
        return own(_summed(values)).clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ARG004
        return _Gather.apply(grad)  # type: ignore[no-any-return]


class _Mean(torch.autograd.Function):
    """Its adjoint is itself."""

    @staticmethod
    def forward(values: Tensor) -> Tensor:
        return _summed(values) / size()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ARG004
        return _Mean.apply(grad)  # type: ignore[no-any-return]
