"""Which job computes where, and with how many threads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ganbench.errors import BenchError
from ganbench.params import FILE, Params

THREADS = "OMP_NUM_THREADS"
GPUS = "CUDA_VISIBLE_DEVICES"
MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_TOP_PAD_": str(64 * 2**20)}
"""Has glibc keep memory that was given back: no mapping for large blocks, no trimming, growth by 64 MiB."""


@dataclass(frozen=True)
class Place:
    """A place where one job runs at a time."""

    number: int
    environment: dict[str, str]
    """What the job's processes get beside the environment of this one."""

    @property
    def prefix(self) -> str:
        """``GPU 0: ``, or nothing where there is nothing to tell apart."""
        devices = self.environment.get(GPUS)
        return f"GPU {devices}: " if devices else ""

    def having(self, more: Mapping[str, str]) -> Place:
        """The same place, with more in its environment."""
        return replace(self, environment={**self.environment, **more})


def kept_memory() -> dict[str, str]:
    """`MEMORY`, but for what the user says of it: what this process was started with wins."""
    return {name: value for name, value in MEMORY.items() if name not in os.environ}


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse_gpus(text: str) -> list[str]:
    """``0,1`` → the names of GPUs as CUDA takes them: numbers, or UUIDs.

    Raises:
        BenchError: none, or one twice.
    """
    gpus = [name.strip() for name in text.split(",")]
    if not all(gpus) or len(set(gpus)) != len(gpus):
        raise BenchError(f"--gpus: {text!r}: expected different GPUs, such as 0,1")
    return gpus


def visible_gpus(device: str) -> list[str]:
    """The GPUs that a training with this ``device`` of params.yaml may take."""
    if device == "cpu" or ":" in device:
        return []
    import torch

    count = torch.cuda.device_count()
    named = [name for name in os.environ.get(GPUS, "").split(",") if name]
    return named[:count] if named else [str(index) for index in range(count)]


def places(params: Params, jobs: int | None, gpus: list[str], threads: int | None) -> list[Place]:
    """The places for `jobs` jobs; by default one for each set of GPUs that a cell takes, or one a core.

    More jobs than GPUs share them in turn. The cores are divided among the jobs, except where the user says how many
    threads there shall be, here or by OMP_NUM_THREADS.

    Raises:
        BenchError: a cell takes more GPUs than there are, or one certain GPU is declared and several are given.
    """
    each = params.engine.processes
    if gpus and ":" in params.device:
        raise BenchError(f"{FILE}: device: {params.device!r}: each job sees its own GPU only; allowed: auto, cuda")
    if gpus and params.device == "cpu":
        raise BenchError(f"{FILE}: device: 'cpu': no job would use the GPUs given; allowed: auto, cuda")
    if 0 < len(gpus) < each:
        raise BenchError(f"{FILE}: engine.processes: {each}: a GPU each, and there are {len(gpus)}")
    sets = [gpus[start : start + each] for start in range(0, len(gpus) - each + 1, each)]
    count = jobs or len(sets) or max(1, cores() // each)
    if threads is None and THREADS not in os.environ:
        threads = max(1, cores() // (count * each))
    made = []
    for number in range(count):
        environment = {THREADS: str(threads)} if threads else {}
        if sets:
            environment[GPUS] = ",".join(sets[number % len(sets)])
        made.append(Place(number, environment))
    return made
