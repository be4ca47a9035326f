"""Whether glibc's allocator costs time: the same training with and without memory given back to the system."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from tqdm import tqdm

from ganbench.bench.clock import Spread, ratio
from ganbench.bench.effort import Effort
from ganbench.bench.process import measure
from ganbench.scaling.devices import MEMORY

RESOLUTIONS = (16, 32)


def bench_allocator(
    variants: Sequence[str], threads: Sequence[int], batch: int, effort: Effort
) -> list[dict[str, Any]]:
    """Pairs of processes, with and without `MEMORY`, in turn; on a CPU, whatever else the machine has."""
    found = []
    settings = list(product(variants, RESOLUTIONS, threads))
    for variant, resolution, count in tqdm(settings, "allocator"):
        spec = {
            "variant": variant,
            "resolution": resolution,
            "channels": 1,
            "batch": batch,
            "images": 1024,
            "seconds": 2 * effort.seconds,
            "threads": count,
            "device": "cpu",
        }
        found.append(spec | _compare(spec, effort.repeats))
    return found


def _compare(spec: dict[str, Any], repeats: int) -> dict[str, Any]:
    plain: list[dict[str, float]] = []
    kept: list[dict[str, float]] = []
    for turn in range(repeats):
        pair = [(plain, dict.fromkeys(MEMORY, "")), (kept, MEMORY)]
        for runs, environment in pair if turn % 2 == 0 else reversed(pair):
            runs.append(measure("train", spec, environment))
    found: dict[str, Any] = {}
    for name in ("images_per_second", "images_per_cpu_second"):
        there, here = ([run[name] for run in runs] for runs in (plain, kept))
        found[name] = {
            "plain": Spread.of(there).record(),
            "kept": Spread.of(here).record(),
            "ratio": ratio(here, there).record(),
        }
    for name, runs in {"plain": plain, "kept": kept}.items():
        found[f"peak_mb_{name}"] = max(run["peak_mb"] for run in runs)
    return found
