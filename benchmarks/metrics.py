"""The cost of the metrics beyond feature extraction: time and memory of each, in a process of its own.

Features are drawn: non-negative, correlated, with the falling spectrum that pooled features of networks have. Beside
ours stands torch-fidelity on the same features, where it is installed. Writes benchmarks/results/metrics.json.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "metrics.json"
K = 5
Features = NDArray[np.float32]


def _fid(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.frechet import frechet_distance, moments

    return frechet_distance(*moments(x), *moments(y))


def _fid_infinity(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.frechet_infinity import SEED, SIZES, SMALLEST, extrapolated

    return extrapolated(x, y, SIZES, SMALLEST, SEED)


def _kid(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.kernel import BLOCK, WHOLE, discrepancy, in_blocks

    return (discrepancy(x, y) if len(x) ** 2 * x.shape[1] <= WHOLE else in_blocks(x, y, BLOCK)).value


def _prdc(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.manifold import manifold

    return manifold(y, x, K).precision


def _vendi(x: Features, y: Features) -> float:  # noqa: ARG001 (of one set)
    from ganbench.evaluation.metrics.vendi import vendi_score

    return vendi_score(x)


def _wasserstein(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.transport import EXACT, exact

    return exact(x[:EXACT], y[:EXACT])


def _sliced_wasserstein(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.transport import PROJECTIONS, SEED, sliced

    return sliced(x, y, PROJECTIONS, SEED)


def _their_fid(x: Features, y: Features) -> float:
    import torch
    from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric

    statistics = [fid_features_to_statistics(torch.from_numpy(part)) for part in (x, y)]
    return float(fid_statistics_to_metric(*statistics, verbose=False)[KEY_METRIC_FID])


def _their_kid(x: Features, y: Features) -> float:
    import torch
    from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, kid_features_to_metric

    size = min(1000, len(x))
    found = kid_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), kid_subset_size=size, verbose=False)
    return float(found[KEY_METRIC_KID_MEAN])


def _their_precision(x: Features, y: Features) -> float:
    import torch
    from torch_fidelity.metric_prc import KEY_METRIC_PRECISION, prc_features_to_metric

    options = {"prc_neighborhood": K, "save_cpu_ram": True, "verbose": False}
    return float(prc_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), **options)[KEY_METRIC_PRECISION])


OURS: dict[str, Callable[[Features, Features], float]] = {
    "fid": _fid, "fid_infinity": _fid_infinity, "kid": _kid, "prdc": _prdc, "vendi": _vendi, "w2": _wasserstein,
    "sliced_w2": _sliced_wasserstein,
}  # fmt: skip
THEIRS: dict[str, Callable[[Features, Features], float]] = {
    "fid": _their_fid, "kid": _their_kid, "prdc": _their_precision,
}  # fmt: skip


def features(count: int, width: int, seed: int) -> Features:
    """Rectified sums of latent factors whose weight falls as 1/√rank, float32 (count, width)."""
    mix = np.random.default_rng(0).standard_normal((256, width)).astype(np.float32)
    mix /= np.sqrt(np.arange(1, 257, dtype=np.float32))[:, None]
    random = np.random.default_rng(seed)
    made = np.empty((count, width), np.float32)
    for start in range(0, count, 5000):
        part = made[start : start + 5000]
        part[:] = random.standard_normal((len(part), 256), np.float32) @ mix
        part += random.standard_normal(part.shape, np.float32) * 0.1
        np.maximum(part, 0, out=part)
    return made


@click.group()
def main() -> None:
    """Time and memory of the metrics."""


@main.command()
@click.option("--count", default=50_000, show_default=True, help="Images on each side.")
@click.option("--width", default=2048, show_default=True, help="Features.")
@click.option("--threads", default=2, show_default=True)
@click.option("--metric", "names", multiple=True, type=click.Choice(list(OURS)), help="All unless some are named.")
@click.option("--no-peer", is_flag=True, help="Leave torch-fidelity out.")
@click.option("--out", default=RESULTS, show_default=False, type=click.Path(path_type=Path))
def run(count: int, width: int, threads: int, names: tuple[str, ...], no_peer: bool, out: Path) -> None:
    """Measure, each metric in a process of its own, and write the figures."""
    import torch

    from ganbench.bench.machine import machine
    from ganbench.outputs import write_json

    torch.set_num_threads(threads)
    about = machine(torch.device("cpu"))
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    entry = found.setdefault(f"{count}x{width}", {"count": count, "width": width, "ours": {}, "torch_fidelity": {}})
    with tempfile.TemporaryDirectory() as folder:
        for side in range(2):
            np.save(Path(folder) / f"{side}.npy", features(count, width, side + 1))
        for name in names or OURS:
            for whose, known in (("ours", OURS), ("torch_fidelity", {} if no_peer else THEIRS)):
                if name in known:
                    entry[whose][name] = _measured(whose, name, folder, threads)
                    click.echo(f"{count} x {width}: {name}, {whose}: {entry[whose][name]}")
        entry["machine"] = about
    write_json(out, found)


@main.command(hidden=True)
@click.argument("whose")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
def one(whose: str, name: str, folder: Path) -> None:
    """Measure one metric in this process; JSON on stdout."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    x, y = (np.load(folder / f"{side}.npy") for side in range(2))
    known = OURS if whose == "ours" else THEIRS
    tiny = np.random.default_rng(0).uniform(size=(1200, 4)).astype(np.float32)
    known[name](tiny, tiny[::-1].copy())  # what is imported or compiled once is not the metric's cost
    began, busy = time.perf_counter(), time.process_time()
    value = known[name](x, y)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    spent = {"seconds": round(seconds, 2), "cpu_seconds": round(busy, 2), "peak_gib": round(peak, 2)}
    click.echo(json.dumps(spent | {"value": value}))


def _measured(whose: str, name: str, folder: str, threads: int) -> dict[str, Any]:
    """What a process of its own says, or why it failed."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, "one", whose, name, folder]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]}
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


if __name__ == "__main__":
    main()
