"""Taking time so that two programs can be compared on a machine that is never quite quiet."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch


@dataclass(frozen=True)
class Contestant:
    """Something that trains, and can be asked for one more round."""

    name: str

    play: Callable[[], object]
    """One round."""

    images: int
    """Real images in one round."""


@dataclass(frozen=True)
class Spread:
    """Median, minimum and maximum over the rounds of a run."""

    median: float
    min: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def record(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def elapsed(work: Callable[[], object], device: torch.device) -> float:
    """Seconds that the device needs for some work: between two events on a GPU, by the wall clock on a CPU."""
    if device.type != "cuda":
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    torch.cuda.synchronize(device)
    begin.record()
    work()
    end.record()
    torch.cuda.synchronize(device)
    return float(begin.elapsed_time(end)) / 1000


def best(work: Callable[[], object], device: torch.device, seconds: float, blocks: int = 3) -> float:
    """Seconds of one call: the best of some blocks of calls, `seconds` long in all, after a warm-up.

    A call that takes longer than that is timed twice.
    """
    work()
    once = elapsed(work, device)
    if once > seconds:
        return min(once, elapsed(work, device))
    count = max(1, round(seconds / blocks / max(once, 1e-7)))

    def block() -> None:
        for _ in range(count):
            work()

    return min(elapsed(block, device) for _ in range(blocks)) / count


def interleave(
    contestants: Sequence[Contestant], rounds: int, seconds: float, device: torch.device
) -> dict[str, list[float]]:
    """Real images a second of each contestant, in each round.

    All contestants run in every round, one after the other, each for about `seconds`; every other round goes
    backwards. What disturbs the machine for a while disturbs all of them, and a ratio within a round stays fair.
    """
    counts = {}
    for contestant in contestants:
        contestant.play()
        counts[contestant.name] = max(1, round(seconds / elapsed(contestant.play, device)))
    rates: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for turn in range(rounds):
        for contestant in contestants if turn % 2 == 0 else reversed(contestants):
            count = counts[contestant.name]

            def block(play: Callable[[], object] = contestant.play, count: int = count) -> None:
                for _ in range(count):
                    play()

            rates[contestant.name].append(count * contestant.images / elapsed(block, device))
    return rates


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours to theirs, round by round."""
    return Spread.of([mine / other for mine, other in zip(ours, theirs, strict=True)])
