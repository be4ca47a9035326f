"""Processes that share the batch of one cell: how they find each other, and how they part.

They are told apart by torchrun's variables (RANK, WORLD_SIZE, …), whoever sets them: torchrun, or
`ganbench.training.launcher` on one machine.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed

from ganbench import across
from ganbench.errors import BenchError
from ganbench.params import FILE

LAUNCHER = "GANBENCH_LAUNCHER"
"""Environment variable: process id of the launcher, which speaks for its workers."""

TURN = timedelta(days=7)
"""How long the others wait until the first process may train: another training of the same cell may be under way."""


@dataclass(frozen=True)
class Ranks:
    """One of several processes, or one alone."""

    size: int = 1
    index: int = 0

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and tracks."""
        return self.index == 0

    @torch.no_grad()
    def mean_(self, tensors: Sequence[Tensor]) -> None:
        """Put the mean over all processes in the place of each tensor: one all-reduce of one flat float32 buffer."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.detach().float().flatten() for tensor in tensors])
        with across.contact():
            distributed.all_reduce(flat)
        flat /= self.size
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view(tensor.shape))

    def check_same(self, value: int, what: str, device: torch.device) -> None:
        """Refuse to go on where the processes disagree.

        Raises:
            BenchError: on all of them.
        """
        if self.size == 1:
            return
        both = torch.tensor([value, -value], dtype=torch.int64, device=device)
        with across.contact():
            distributed.all_reduce(both, distributed.ReduceOp.MAX)
        most, least = int(both[0]), -int(both[1])
        if most != least:
            raise BenchError(f"the processes disagree on {what} ({least}, {most}): do all see the same project folder?")


ALONE = Ranks()


def started_as_worker() -> bool:
    """Whether somebody started this process as one of several."""
    return "RANK" in os.environ and "WORLD_SIZE" in os.environ


def rank() -> int:
    """Which of the processes this will be once it has joined them; 0 alone."""
    return int(os.environ["RANK"]) if started_as_worker() else 0


def own_device(device: torch.device, processes: int) -> torch.device:
    """The device of this process: each on a machine has a GPU of its own, and all share a CPU.

    Raises:
        BenchError: a certain GPU is declared for several processes, or there are fewer than processes.
    """
    if processes == 1 or device.type != "cuda":
        return device
    if device.index is not None:
        raise BenchError(f"{FILE}: device: {str(device)!r}: {processes} processes take a GPU each; allowed: auto, cuda")
    local = int(os.environ.get("LOCAL_RANK", "0"))
    if local >= torch.cuda.device_count():
        raise BenchError(
            f"{FILE}: engine.processes: {processes}: a GPU each, and this machine has {torch.cuda.device_count()}"
        )
    torch.cuda.set_device(local)
    return torch.device("cuda", local)


@contextmanager
def joined(processes: int, device: torch.device) -> Iterator[Ranks]:
    """Be one of the processes for the length of a block; alone where nobody started this one as a worker.

    The first process comes here when it may train, and the others wait for it.

    Args:
        processes: that params.yaml asks for.
        device: of this one.

    Raises:
        BenchError: another number was started, or contact was lost.
    """
    if not started_as_worker():
        if processes > 1:
            raise BenchError(f"{FILE}: engine.processes: {processes}: this is one process; start the stage or torchrun")
        yield ALONE
        return
    index, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if size != processes:
        raise BenchError(f"{FILE}: engine.processes: {processes}: {size} were started; allowed: {size}")
    if index:
        for number in (signal.SIGINT, signal.SIGTERM):  # the first process saves and leaves, and the others follow it
            signal.signal(number, signal.SIG_IGN)
    _follow_launcher()
    with across.contact():
        store, _, _ = next(iter(distributed.rendezvous("env://", timeout=across.TIMEOUT)))  # type: ignore[attr-defined]
        if index:
            store.wait(["turn"], TURN)
        else:
            store.set("turn", "")
        distributed.init_process_group(
            "nccl" if device.type == "cuda" else "gloo",
            store=distributed.PrefixStore("ganbench", store),  # type: ignore[attr-defined]
            rank=index,
            world_size=size,
            timeout=across.TIMEOUT,
        )
    try:
        yield Ranks(size, index)
    finally:
        distributed.destroy_process_group()


def _follow_launcher() -> None:
    """End with the launcher, even where it was killed and could say nothing."""
    if (launcher := os.environ.get(LAUNCHER)) is None:
        return

    def watch() -> None:
        while os.getppid() == int(launcher):
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
