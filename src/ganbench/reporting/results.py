"""What the cells of params.yaml left behind, collected."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganbench.cell import Cell, cells, floor_metrics, gaussian_metrics, judge_dir, judge_metrics, prepared_dir
from ganbench.data.store import Meta, Store
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.reporting.legend import order

NOT_METRICS = ("status", "iteration", "images", "reason")
TRUSTED_SKILL = 0.5
"""Skill of the judge below which the report warns of its features."""
RANK_FROM = 3
"""Seeds below which nothing is ranked."""


@dataclass(frozen=True)
class TrackResults:
    """What the cells of one track left behind, read once.

    Attributes:
        params: the declaration that the results belong to.
        track: its name.
        frame: one row a declared cell, in the order of params.yaml: track, variant, seed, status («finished» or
            «diverged»), iteration, images (real samples shown), reason, then one float column a metric, NaN where a
            cell has none.
        real: the same metrics for real samples that no generator has seen: the floor.
    """

    params: Params
    track: str
    frame: pd.DataFrame
    real: dict[str, float]

    @property
    def variants(self) -> list[str]:
        """The declared variants, in the order of params.yaml."""
        return list(getattr(self.params, self.track).variants)

    @property
    def metrics(self) -> list[str]:
        """The names of all metrics, in the order of the legend."""
        known = [name for name in self.frame.columns if name not in ("track", "variant", "seed", *NOT_METRICS)]
        return order({*known, *self.real})

    @property
    def rankable(self) -> bool:
        """Whether there are seeds enough for a ranking to mean something."""
        return len(self.params.seeds) >= RANK_FROM

    def cells(self, variant: str) -> list[Cell]:
        """The cells of a variant, seed by seed."""
        return [cell for cell in cells(self.params, self.track) if cell.variant == variant]

    def rows(self, variant: str) -> pd.DataFrame:
        """The rows of a variant, seed by seed."""
        return self.frame[self.frame["variant"] == variant]

    def finished(self, variant: str) -> pd.DataFrame:
        """The rows of a variant that did not diverge."""
        rows = self.rows(variant)
        return rows[rows["status"] == "finished"]

    def shown(self, variant: str) -> Cell | None:
        """The cell whose pictures stand for the variant: the first declared seed that finished, or None."""
        seeds = set(self.finished(variant)["seed"])
        return next((cell for cell in self.cells(variant) if cell.seed in seeds), None)


@dataclass(frozen=True)
class Results(TrackResults):
    """All that a report says of the track `images`.

    Attributes:
        judge: the judge's own metrics, such as ``test_accuracy``.
        task: what the judge learned: «classes», or «rotations» where there are no labels.
        meta: the card of the prepared images.
        held_out: the first held-out real images, uint8 (N, H, W, C), for comparison by eye.
        points: the results of the track `points`, where it is declared.
    """

    judge: dict[str, float]
    task: str
    meta: Meta
    held_out: NDArray[np.uint8]
    points: PointsResults | None

    @property
    def judge_is_weak(self) -> bool:
        """Whether the judge is nearer to guessing than to certainty: then its features, and all metrics, say little."""
        chance = 1 / (len(self.meta.classes) if self.task == "classes" else 4)
        accuracy = self.judge.get("test_accuracy")
        return accuracy is not None and (accuracy - chance) / (1 - chance) < TRUSTED_SKILL


@dataclass(frozen=True)
class PointsResults(TrackResults):
    """All that a report says of the track `points`.

    Attributes:
        gaussian: the metrics of a Gaussian with the data's mean and covariance.
    """

    gaussian: dict[str, float]


def collect(params: Params, real_images: int = 16) -> Results:
    """Read the results of every declared cell; files of variants that are no longer declared are not looked at.

    Args:
        params: what was declared.
        real_images: how many held-out images to keep for comparison.

    Raises:
        BenchError: a result is missing or damaged, with the command that makes it.
    """
    real = _metrics(floor_metrics("images"), "dvc repro floor")
    records = [_cell(cell, set(real)) for cell in cells(params, "images")]
    store = Store.open(prepared_dir("images"))
    return Results(
        params=params,
        track="images",
        frame=pd.DataFrame.from_records(records),
        real=real,
        judge=_metrics(judge_metrics("images"), "dvc repro judge"),
        task=str(read_json(judge_dir("images") / "judge.json", "dvc repro judge").get("task")),
        meta=store.meta,
        held_out=np.array(store.images("test")[:real_images]),
        points=None if params.points is None else _points(params),
    )


def _points(params: Params) -> PointsResults:
    command = "dvc repro floor_points"
    real = _metrics(floor_metrics("points"), command)
    records = [_cell(cell, set(real)) for cell in cells(params, "points")]
    gaussian = _metrics(gaussian_metrics("points"), command)
    return PointsResults(params, "points", pd.DataFrame.from_records(records), real, gaussian)


def read_json(path: Path, command: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        BenchError: no such file, or not a JSON object; `command` makes it.
    """
    try:
        value = json.loads(require(path, command).read_text(encoding="utf-8"))
    except ValueError as error:
        raise BenchError(f"{path}: not readable as JSON: {' '.join(str(error).split())}; run {command}") from None
    if not isinstance(value, dict):
        raise BenchError(f"{path}: expected a JSON object; run {command}")
    return value


def require(path: Path, command: str) -> Path:
    """The path, if it is a file.

    Raises:
        BenchError: it is not; `command` makes it.
    """
    if not path.is_file():
        raise BenchError(f"{path}: no such file; run {command}")
    return path


def stage(name: str, cell: Cell) -> str:
    """The command that runs a stage for one cell; points train and are evaluated with all their seeds at once."""
    if cell.track == "points":
        return f"dvc repro {'points' if name == 'train' else 'evaluate_points'}@{cell.variant}"
    return f"dvc repro {name}@{cell.variant}-{cell.seed}"


def _cell(cell: Cell, wanted: set[str]) -> dict[str, Any]:
    """A row of the frame."""
    path, command = cell.metrics_path, stage("evaluate", cell)
    status = _status(cell)
    evaluated = _with_status(path, command)
    if status["status"] != evaluated["status"]:
        raise BenchError(f"{path}: status: {evaluated['status']!r}, but training {status['status']}; run {command}")
    row = {"track": cell.track, "variant": cell.variant, "seed": cell.seed}
    row |= {key: status.get(key) for key in NOT_METRICS}
    if status["status"] == "diverged":
        return row
    metrics = _numbers(evaluated, path, command)
    if missing := wanted - set(metrics):
        raise BenchError(f"{path}: {order(missing)[0]}: missing, but the real images have it; run {command}")
    return row | metrics


def _status(cell: Cell) -> dict[str, Any]:
    """How the training of a cell ended."""
    path, command = cell.train_dir / "status.json", stage("train", cell)
    status = _with_status(path, command)
    for key in ("iteration", "images"):
        if type(status.get(key)) is not int:
            raise BenchError(f"{path}: {key}: {status.get(key)!r}: expected a whole number; run {command}")
    return status


def _with_status(path: Path, command: str) -> dict[str, Any]:
    """A JSON object that says how a cell ended."""
    value = read_json(path, command)
    if value.get("status") not in ("finished", "diverged"):
        raise BenchError(f"{path}: status: {value.get('status')!r}; allowed: finished, diverged; run {command}")
    return value


def _metrics(path: Path, command: str) -> dict[str, float]:
    return _numbers(read_json(path, command), path, command)


def _numbers(values: dict[str, Any], path: Path, command: str) -> dict[str, float]:
    """The metrics among the values."""
    metrics = {key: value for key, value in values.items() if key not in NOT_METRICS}
    for key, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BenchError(f"{path}: {key}: {value!r}: expected a finite number; run {command}")
    return {key: float(value) for key, value in metrics.items()}
