"""Where the time of a round goes, by a profile."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

GROUPS = {
    "convolutions": ("conv",),
    "matrix products": ("mm", "linear", "matmul"),
    "normalisation": ("batch_norm", "layer_norm", "group_norm"),
    "optimiser": ("adam", "optimizer", "foreach", "sgd", "rmsprop"),
    "resampling": ("upsample", "pool", "interpolate"),
    "random numbers": ("rand", "normal_", "uniform_", "bernoulli", "dropout"),
    "copies": ("copy", "contiguous", "clone", "cat", "index", "memcpy", "fill_", "zero_", "zeros"),
}
"""A group's operators: their names contain one of these words; the first group that fits has them."""


def breakdown(play: Callable[[], object], rounds: int, device: torch.device) -> dict[str, float]:
    """Shares of the time of some rounds, by groups of operators.

    ``elementwise`` are the operators that no group names. ``between operators`` is what is left of the wall clock:
    Python, autograd's bookkeeping, the profiler itself; on a GPU, when it waits.
    """
    play()
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
    with profile(activities=activities, acc_events=True) as profiled:
        start = time.perf_counter()
        for _ in range(rounds):
            play()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        wall = time.perf_counter() - start
    seconds = dict.fromkeys([*GROUPS, "elementwise"], 0.0)
    for event in profiled.key_averages():
        own = event.self_device_time_total if device.type == "cuda" else event.self_cpu_time_total
        seconds[_group(event.key)] += own / 1e6
    shares = {name: value / wall for name, value in seconds.items()}
    return shares | {"between operators": max(0.0, 1 - sum(shares.values()))}


def _group(operator: str) -> str:
    name = operator.lower()
    return next((group for group, words in GROUPS.items() if any(word in name for word in words)), "elementwise")
