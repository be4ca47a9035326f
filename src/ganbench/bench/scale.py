"""Time and memory as things grow: data, resolution, batch, cells."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ganbench.bench.clock import Spread
from ganbench.bench.effort import Effort
from ganbench.bench.process import measure
from ganbench.bench.project import NO_OPS, declare_cells, no_op, project_copy

AXES = ("images", "resolution", "batch")
"""Of a training."""
BASE = {"images": 4096, "resolution": 16, "batch": 16, "prepared": 500}
"""At 1×. 16× is 65,536 images in the store, 64 × 64 pixels, a batch of 256, 8,000 files to prepare."""


def bench_scale(variant: str, threads: int, device: str, effort: Effort) -> list[dict[str, Any]]:
    """A row for each axis and size, each measured several times, in processes of their own."""
    rows = chain(_training(variant, threads, device, effort), _preparing(effort), _cells(effort))
    return list(tqdm(rows, "scale", total=(len(AXES) + 1 + len(NO_OPS)) * len(effort.scale)))


def _training(variant: str, threads: int, device: str, effort: Effort) -> Iterator[dict[str, Any]]:
    """One axis grows, the others stay at their smallest; resolution grows in pixels, so its side by the root."""
    base = {
        "variant": variant,
        "channels": 1,
        "threads": threads,
        "device": device,
        "seconds": effort.seconds,
        "images": BASE["images"],
        "resolution": BASE["resolution"],
        "batch": BASE["batch"],
    }
    for axis in AXES:
        sides = {times: round(times**0.5) if axis == "resolution" else times for times in effort.scale}
        grown: dict[int, int] = {times: base[axis] * side for times, side in sides.items()}  # type: ignore[operator]
        found = _by_turns("train", {times: base | {axis: value} for times, value in grown.items()}, effort)
        for times, value in grown.items():
            yield {"what": f"train: {axis}", "times": times, "value": value, **found[times]}


def _preparing(effort: Effort) -> Iterator[dict[str, Any]]:
    from PIL import Image

    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        specs = {}
        for times in effort.scale:
            count = BASE["prepared"] * times
            specs[times] = {"folder": f"{name}/{times}", "images": count, "resolution": BASE["resolution"]}
            Path(name, str(times)).mkdir()
            for index in range(count):
                Image.fromarray(rng.integers(0, 256, (48, 48), np.uint8)).save(f"{name}/{times}/{index}.png")
        found = _by_turns("prepare", specs, effort)
    for times, spec in specs.items():
        yield {"what": "prepare: images", "times": times, "value": spec["images"], **found[times]}


def _by_turns(kind: str, specs: Mapping[int, dict[str, Any]], effort: Effort) -> dict[int, dict[str, Any]]:
    """Each size measured several times, the sizes by turns, so that a machine that slows down slows them all.

    Returns:
        for each size the measurement of median speed, and the slowest and the fastest speed.
    """
    turns = [{times: measure(kind, spec) for times, spec in specs.items()} for _ in range(effort.repeats)]
    middle = {}
    for times in specs:
        runs = sorted((turn[times] for turn in turns), key=lambda found: found["images_per_second"])
        speeds = Spread.of([found["images_per_second"] for found in runs])
        middle[times] = {**runs[(len(runs) - 1) // 2], "images_per_second_spread": speeds.record()}
    return middle


def _cells(effort: Effort) -> Iterator[dict[str, Any]]:
    for times in effort.scale:
        cells = effort.cells * times
        with tempfile.TemporaryDirectory() as name:
            project = project_copy(Path.cwd(), Path(name) / "project")
            stages = declare_cells(project, cells)
            repeats = min(effort.repeats, max(1, 4 * effort.repeats // times))  # the largest takes its time
            turns = [{command: no_op(project, command) for command in NO_OPS} for _ in range(repeats)]
        for command in NO_OPS:
            ran = [turn[command] for turn in turns]
            seconds = Spread.of([one.seconds for one in ran])
            yield {
                "what": f"{command} repro with nothing to do: cells",
                "times": times,
                "value": cells,
                "stages": stages,
                "seconds": seconds.median,
                "seconds_spread": seconds.record(),
                "cpu_seconds": min(one.cpu_seconds for one in ran),
                "peak_mb": max(one.peak_mb for one in ran),
            }
