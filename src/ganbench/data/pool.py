"""A map over many processes that keeps the order and never holds much."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from ganbench.errors import BenchError

A = TypeVar("A")
B = TypeVar("B")

PATIENCE = 0.3
"""Seconds of work in this process before others are started, which takes about as long."""
AHEAD = 3
"""Tasks a worker that may be under way at once."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    function: Callable[[A], B], tasks: Iterable[A], workers: int, patience: float = PATIENCE
) -> Iterator[tuple[A, B]]:
    """Yield (task, function(task)) in the order of the tasks, which are drawn only as fast as they are done.

    Args:
        function: importable, as it is sent to other processes.
        tasks: of any number.
        workers: processes; with 1, and for the first `patience` seconds, the work is done in this one.
        patience: seconds.

    Raises:
        BenchError: a process was killed.
    """
    tasks, start = iter(tasks), time.monotonic()
    for task in tasks:
        yield task, function(task)
        if workers > 1 and time.monotonic() - start >= patience:
            break
    else:
        return
    waiting: deque[tuple[A, Future[B]]] = deque()
    # spawned, not forked: the libraries loaded here run threads, and a fork may then hang
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _leave_interrupts_to_the_parent)
    try:
        for task in tasks:
            waiting.append((task, pool.submit(function, task)))
            if len(waiting) > AHEAD * workers:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenProcessPool:
        raise BenchError("a process that decodes images was killed, perhaps for want of memory") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
