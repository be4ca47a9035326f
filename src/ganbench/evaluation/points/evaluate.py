"""Evaluate the cells of a variant of points, and what frames them: a perfect generator, real points, two moments."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import (
    METRICS,
    Cell,
    ceiling_metrics,
    dataset_of,
    floor_metrics,
    gaussian_metrics,
    points_evaluation_dir,
)
from ganbench.data.points.source import PointSource
from ganbench.data.points.stream import EVALUATION
from ganbench.errors import BenchError
from ganbench.evaluation.measurement import Beside, Measured, measurements
from ganbench.evaluation.moments import write_curve
from ganbench.evaluation.points.curve import curve_of
from ganbench.evaluation.points.fields import fields
from ganbench.evaluation.points.figures import draw_discriminator, draw_film, draw_strip
from ganbench.evaluation.points.metric import Evidence, measure
from ganbench.games.tracks import points_of, source_of
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.sampling import draw_points, load_generator
from ganbench.training.device import pick_device
from ganbench.training.outcome import read_status
from ganbench.training.snapshots import Moment

TRACK = "points"
REFERENCE, REAL, GAUSSIAN = range(3)
"""Draws of the evaluation that share no random numbers."""


def evaluate_floor(params: Params) -> dict[str, dict[str, float]]:
    """Judge real points, and a Gaussian of the same mean and covariance, as if they were samples; write both.

    And the ceiling: what a perfect generator would have of each metric, where a closed form says it.

    Returns:
        metrics by name, for ``real``, ``ceiling`` and ``gaussian``.
    """
    source = source_of(params)
    real = measure(_evidence(_draw(source, params, REAL), params))
    found = {
        "real": real.values,
        "ceiling": {name: said.ceiling for name, said in real.said.items() if said.ceiling is not None},
        "gaussian": measure(_evidence(_moments(source, params), params)).values,
    }
    for name, path in (("real", floor_metrics), ("ceiling", ceiling_metrics), ("gaussian", gaussian_metrics)):
        write_json(path(TRACK), {"status": name, **found[name]})
    return found


def evaluate_points(variant: str, params: Params) -> dict[Cell, dict[str, Any]]:
    """Evaluate all seeds of a variant; write pictures, samples and metrics.

    A seed that diverged has no samples: its metrics say where it stopped.

    Returns:
        of each cell the metrics by name, and the status.

    Raises:
        BenchError: an input is missing or damaged.
    """
    found: dict[Cell, dict[str, Any]] = {}
    with fresh_directory(points_evaluation_dir(variant)) as folder:
        for seed in params.seeds:
            cell, own = Cell(TRACK, variant, seed), folder / str(seed)
            own.mkdir()
            status = read_status(cell)
            if status["status"] == "diverged":
                shutil.copyfile(cell.train_dir / "status.json", own / "status.json")
                found[cell] = {key: status[key] for key in ("status", "iteration", "images")}
            else:
                found[cell] = {"status": "finished", **_finished(cell, params, own)}
    with fresh_directory(METRICS / TRACK / variant) as folder:
        for cell, metrics in found.items():
            write_json(folder / cell.metrics_path.name, metrics)
    return found


def _finished(cell: Cell, params: Params, folder: Path) -> dict[str, float]:
    source, device, settings = source_of(params), pick_device(params.device), points_of(params).evaluate
    noise = cell.noise_seed(settings.seed)
    samples = draw_points(load_generator(cell, params, device), settings.samples, noise, device)
    if not np.isfinite(samples).all():
        raise BenchError(f"{cell.train_dir / 'generator.safetensors'}: its samples are not all finite numbers")
    evidence = _evidence(samples, params)
    judged = measure(evidence)
    with (folder / "samples.npz").open("wb") as file:
        np.savez_compressed(file, points=samples.astype(np.float32))
    with np.load(cell.train_dir / "snapshots.npz") as snapshots:
        moments, points = [Moment(*row) for row in snapshots["moments"].tolist()], snapshots["points"]
    shown = np.asarray([moment.images for moment in moments])
    draw_film(source, shown, points, folder)
    draw_strip(source, shown, points, folder / "progress.png")
    draw_discriminator(source, fields(cell, params, device), samples, str(cell), folder / "discriminator.png")
    write_curve(curve_of(moments, points, evidence, settings.curve_samples), folder)
    write_json(folder / "record.json", _record(params, judged))
    return judged.values


def _evidence(points: NDArray[np.float64], params: Params) -> Evidence:
    source = source_of(params)
    return Evidence(points, _draw(source, params, REFERENCE), source, dataset_of(TRACK, params))


def _draw(source: PointSource, params: Params, purpose: int) -> NDArray[np.float64]:
    settings = points_of(params).evaluate
    return source.draw(settings.samples, np.random.default_rng([settings.seed, EVALUATION, purpose]))


def _moments(source: PointSource, params: Params) -> NDArray[np.float64]:
    """As many points of a Gaussian with the mean and covariance of real ones."""
    settings, real = points_of(params).evaluate, _draw(source, params, REAL)
    rng = np.random.default_rng([settings.seed, EVALUATION, GAUSSIAN])
    return rng.multivariate_normal(real.mean(axis=0), np.cov(real.T).reshape(source.dim, source.dim), len(real))


def _record(params: Params, judged: Measured) -> dict[str, Any]:
    floor, gaussian = (_numbers(path(TRACK)) for path in (floor_metrics, gaussian_metrics))
    points = points_of(params)
    data = hashlib.sha256(_draw(source_of(params), params, REFERENCE).tobytes()).hexdigest()
    return {
        "protocol": points.evaluate.model_dump() | {"reference": "as many real points, drawn anew"},
        "data": points.dataset.model_dump(mode="json"),
        "metrics": [asdict(one) for one in measurements(judged, Beside(floor, {}), gaussian, {}, data)],
        "left_out": judged.left_out,
    }


def _numbers(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; run dvc repro floor_points") from None
