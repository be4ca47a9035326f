"""A measurement in a process of its own: its peak memory, and an environment that must be set before it starts.

Called as ``python -m ganbench.bench.child train '{…}'``; what it found is the last line that it prints, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def train(spec: dict[str, Any]) -> dict[str, float]:
    """Rounds of a declared variant on a memory map of noise.

    The keys of `spec`: variant, resolution, channels, batch, images, seconds, threads, device.
    """
    import numpy as np
    import torch

    from ganbench.bench.clock import elapsed
    from ganbench.bench.ours import Run, recipe_of
    from ganbench.data.batches import ImageStream
    from ganbench.games.generation import generation
    from ganbench.networks.network import ImageShape
    from ganbench.params import load

    torch.set_num_threads(spec["threads"])
    device = torch.device(spec["device"])
    shape, batch = ImageShape(spec["channels"], spec["resolution"]), spec["batch"]
    recipe = recipe_of(load(), spec["variant"], shape)
    with tempfile.TemporaryDirectory() as folder:
        size = (spec["images"], shape.resolution, shape.resolution, shape.channels)
        path = Path(folder) / "train.npy"
        pixels = np.lib.format.open_memmap(path, "w+", np.uint8, size)
        for start in range(0, len(pixels), 4096):
            pixels[start : start + 4096] = np.random.default_rng(start).integers(
                0, 256, pixels[start : start + 4096].shape, np.uint8
            )
        pixels.flush()
        mapped = np.load(path, mmap_mode="r")
        stream = ImageStream(mapped, np.zeros(len(mapped), np.int64), batch, 0, device)
        run = Run(generation(recipe, shape), recipe.optimizer, stream, batch, device)
        run.play()
        count = max(1, round(spec["seconds"] / elapsed(run.play, device)))
        began = time.process_time()
        seconds = elapsed(lambda: run.play_rounds(count), device)
        found = {
            "images_per_second": count * run.images / seconds,
            "images_per_cpu_second": count * run.images / (time.process_time() - began),
        }
        if device.type == "cuda":
            found["peak_device_mb"] = torch.cuda.max_memory_allocated(device) / 2**20
    return found


def prepare(spec: dict[str, Any]) -> dict[str, float]:
    """The packed store from a folder of PNG files. The keys of `spec`: folder, images, resolution."""
    from ganbench.data.prepare import prepare as run
    from ganbench.data.sources.folder import Folder
    from ganbench.params import load

    images = load().images.model_copy(update={"resolution": spec["resolution"]})
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        run(Folder(Path(spec["folder"]), images.prepare), images, Path(out) / "store")
        seconds = time.perf_counter() - start
    return {"images_per_second": spec["images"] / seconds, "seconds": seconds}


def metric(spec: dict[str, Any]) -> dict[str, float]:
    """A metric on features that are there; see ``ganbench.bench.metrics``."""
    from ganbench.bench.metrics import one

    return one(spec)


def curve(spec: dict[str, Any]) -> dict[str, Any]:
    """A cell and its learning curve; see ``ganbench.bench.curves``."""
    from ganbench.bench.curves import one

    return one(spec)


def main() -> None:
    """Measure what the command line says."""
    kind, spec = sys.argv[1], json.loads(sys.argv[2])
    found = KINDS[kind](spec)
    print(json.dumps(found | {"peak_mb": peak_mb()}))  # noqa: T201


def peak_mb() -> float:
    """The most memory that this process ever held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


KINDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "train": train, "prepare": prepare, "metric": metric, "curve": curve,
}  # fmt: skip

if __name__ == "__main__":
    main()
