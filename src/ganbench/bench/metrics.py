"""What metrics cost beyond the extraction of features: each in a process of its own, beside torch-fidelity's."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ganbench.bench.effort import Effort
from ganbench.bench.process import limited, measure

NEIGHBOURS = 5
PEER = "torch_fidelity"
FACTORS, NOISE = 256, 0.1
WARM_UP = (1200, 4)
Features = NDArray[np.float32]
Metric = Callable[[Features, Features], float]


def bench_metrics(threads: int, effort: Effort) -> list[dict[str, Any]]:
    """Time, CPU time, peak memory and value of every metric, of ours and where it is installed of torch-fidelity's.

    Features are drawn: non-negative, correlated, with the falling spectrum that pooled features of networks have.
    """
    count, width = effort.features
    whose = {"ours": OURS} | ({PEER: THEIRS} if find_spec(PEER) else {})
    limits = limited(threads)
    with tempfile.TemporaryDirectory() as folder:
        for side in range(2):
            np.save(Path(folder) / f"{side}.npy", features(count, width, side + 1))
        return [
            {"metric": name, "count": count, "width": width}
            | {
                who: measure("metric", {"whose": who, "name": name, "folder": folder, "threads": threads}, limits)
                for who, known in whose.items()
                if name in known
            }
            for name in tqdm(OURS, "metrics")
        ]


def one(spec: dict[str, Any]) -> dict[str, float]:
    """One metric in this process. The keys of `spec`: whose, name, folder, threads.

    Code that is imported or compiled once is not its cost: it runs on few features before.
    """
    import torch

    torch.set_num_threads(spec["threads"])
    metric = (THEIRS if spec["whose"] == PEER else OURS)[spec["name"]]
    x, y = (np.load(Path(spec["folder"]) / f"{side}.npy") for side in range(2))
    few = np.random.default_rng(0).uniform(size=WARM_UP).astype(np.float32)
    metric(few, few[::-1].copy())
    began, busy = time.perf_counter(), time.process_time()
    value = metric(x, y)
    return {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy, "value": value}


def features(count: int, width: int, seed: int) -> Features:
    """Rectified sums of latent factors whose weight falls as 1/√rank, float32 (count, width)."""
    mix = np.random.default_rng(0).standard_normal((FACTORS, width)).astype(np.float32)
    mix /= np.sqrt(np.arange(1, FACTORS + 1, dtype=np.float32))[:, None]
    random = np.random.default_rng(seed)
    made = np.empty((count, width), np.float32)
    for start in range(0, count, 5000):
        part = made[start : start + 5000]
        part[:] = random.standard_normal((len(part), FACTORS), np.float32) @ mix
        part += random.standard_normal(part.shape, np.float32) * NOISE
        np.maximum(part, 0, out=part)
    return made


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

    return manifold(y, x, NEIGHBOURS).precision


def _authenticity(x: Features, y: Features) -> float:
    from ganbench.evaluation.metrics.memorisation import authentic
    from ganbench.evaluation.neighbours import nearest_in_features

    return authentic(nearest_in_features(x, y))


def _nearest_in_pixels(x: Features, y: Features) -> float:
    """Of images of as many grey levels."""
    from ganbench.evaluation.neighbours import nearest_in_pixels

    brightest = max(float(x.max()), float(y.max()))
    sides = [(part * (255 / brightest)).astype(np.uint8).reshape(len(part), 2, 2, -1) for part in (x, y)]
    return float(np.median(nearest_in_pixels(*sides).distances[:, 0]))


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

    options = {"prc_neighborhood": NEIGHBOURS, "save_cpu_ram": True, "verbose": False}
    return float(prc_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), **options)[KEY_METRIC_PRECISION])


OURS: dict[str, Metric] = {
    "FID": _fid, "FID∞": _fid_infinity, "KID": _kid, "precision, recall, density, coverage": _prdc,
    "authenticity": _authenticity, "nearest images, by pixels": _nearest_in_pixels, "Vendi": _vendi,
    "W2": _wasserstein, "sliced W2": _sliced_wasserstein,
}  # fmt: skip
THEIRS: dict[str, Metric] = {
    "FID": _their_fid, "KID": _their_kid, "precision, recall, density, coverage": _their_precision,
}  # fmt: skip
