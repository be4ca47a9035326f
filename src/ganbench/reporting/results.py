"""What the cells of params.yaml left behind, collected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganbench.cell import (
    METRICS,
    Cell,
    ceiling_metrics,
    cells,
    floor_metrics,
    gaussian_metrics,
    judge_dir,
    judge_metrics,
    prepared_dir,
)
from ganbench.data.store import Meta, Store
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.reporting.course import Course, courses
from ganbench.reporting.legend import CONDITIONAL, family, order
from ganbench.reporting.read import NOT_METRICS, numbers, read_json, read_metrics, read_status, stage
from ganbench.statistics.ranking import RANK_FROM

NOT_RUN = "not run"
TRUSTED_SKILL = 0.5
"""Skill of the judge below which the report warns of its features."""


@dataclass(frozen=True)
class TrackResults:
    """What the cells of one track left behind, read once.

    Attributes:
        params: the declaration that the results belong to.
        track: its name.
        frame: one row a declared cell, in the order of params.yaml: track, variant, seed, status («finished»,
            «diverged» or «not run»), iteration, images (real samples shown), reason (of a cell that has not run: the
            command that runs it), then one float column a metric, NaN where a cell has none.
        real: the same metrics for real samples that no generator has seen: the floor.
        courses: by cell, the course of its training, of cells that finished and whose training kept moments.
    """

    params: Params
    track: str
    frame: pd.DataFrame
    real: dict[str, float]
    courses: dict[Cell, Course]

    @property
    def declaration(self) -> Any:
        """The track's part of params.yaml."""
        return getattr(self.params, self.track)

    @property
    def unit(self) -> str:
        """What the training is shown: «images» or «points»."""
        return "points" if self.track == "points" else "images"

    @property
    def variants(self) -> list[str]:
        """The declared variants, in the order of params.yaml."""
        return list(self.declaration.variants)

    @property
    def references(self) -> dict[str, dict[str, float]]:
        """Metrics to compare with, by name: the floor, and what else the track has."""
        return {"real": self.real}

    @cached_property
    def metrics(self) -> list[str]:
        """The names of all metrics, in the order of the legend."""
        known = {name for name in self.frame.columns if name not in ("track", "variant", "seed", *NOT_METRICS)}
        return order(known.union(*self.references.values()))

    @cached_property
    def of_cells(self) -> list[str]:
        """Those that a cell has, in the same order; the floor's may be of fewer images. All, where no cell has any."""
        return [name for name in self.metrics if name in self.frame.columns] or self.metrics

    @property
    def rankable(self) -> bool:
        """Whether there are seeds enough for a ranking to mean something."""
        return len(self.params.seeds) >= RANK_FROM

    def cells(self, variant: str) -> list[Cell]:
        """The cells of a variant, seed by seed."""
        return [Cell(self.track, variant, seed) for seed in self.params.seeds]

    def ran(self, variant: str) -> list[Cell]:
        """The cells of a variant that were trained and evaluated, however they ended."""
        statuses = self.rows(variant)["status"]
        return [cell for cell, status in zip(self.cells(variant), statuses, strict=True) if status != NOT_RUN]

    def rows(self, variant: str) -> pd.DataFrame:
        """The rows of a variant, seed by seed."""
        return self._rows[variant]

    def finished(self, variant: str) -> pd.DataFrame:
        """The rows of a variant that ran and did not diverge."""
        return self._finished[variant]

    @cached_property
    def _rows(self) -> dict[str, pd.DataFrame]:
        return {variant: self.frame[self.frame["variant"] == variant] for variant in self.variants}

    @cached_property
    def _finished(self) -> dict[str, pd.DataFrame]:
        return {variant: rows[rows["status"] == "finished"] for variant, rows in self._rows.items()}

    def shown(self, variant: str) -> Cell | None:
        """The cell whose pictures stand for the variant: the first declared seed that finished, or None."""
        seeds = set(self.finished(variant)["seed"])
        return next((cell for cell in self.cells(variant) if cell.seed in seeds), None)


@dataclass(frozen=True)
class PointsResults(TrackResults):
    """All that a report says of the track `points`.

    Attributes:
        ceiling: a perfect generator's, of the metrics of which a closed form is known.
        gaussian: the metrics of a Gaussian with the data's mean and covariance.
    """

    ceiling: dict[str, float]
    gaussian: dict[str, float]

    @property
    def references(self) -> dict[str, dict[str, float]]:
        """The floor, the ceiling and the Gaussian."""
        return {"real": self.real, "ceiling": self.ceiling, "gaussian": self.gaussian}


@dataclass(frozen=True)
class TranslationResults(TrackResults):
    """All that a report says of the track `translation`; its floor is a ceiling: the right answers themselves.

    Attributes:
        identity: the metrics of the input, handed out as if it were its translation: the baseline.
    """

    identity: dict[str, float]

    @property
    def references(self) -> dict[str, dict[str, float]]:
        """The ceiling and the baseline."""
        return {"real": self.real, "identity": self.identity}


@dataclass(frozen=True)
class Results(TrackResults):
    """All that a report says of the track `images`.

    Attributes:
        judge: the judge's own metrics, such as ``test_accuracy``.
        task: what the judge learned: «classes», or «rotations» where there are no labels.
        meta: the card of the prepared images.
        held_out: the first held-out real images, uint8 (N, H, W, C), for comparison by eye.
        points: the results of the track `points`, where it is declared.
        translation: those of the track `translation`, where it is declared.
    """

    judge: dict[str, float]
    task: str
    meta: Meta
    held_out: NDArray[np.uint8]
    points: PointsResults | None
    translation: TranslationResults | None = None

    @property
    def tracks(self) -> list[TrackResults]:
        """All tracks that are declared."""
        return [track for track in (self, self.points, self.translation) if track is not None]

    @property
    def conditional(self) -> list[str]:
        """The variants that are told what to draw."""
        return [name for name, variant in self.params.images.variants.items() if variant.condition.name != "none"]

    @property
    def judge_is_weak(self) -> bool:
        """Whether the judge is nearer to guessing than to certainty: then its features, and all metrics, say little."""
        chance = 1 / (len(self.meta.classes) if self.task == "classes" else 4)
        accuracy = self.judge.get("test_accuracy")
        return accuracy is not None and (accuracy - chance) / (1 - chance) < TRUSTED_SKILL


def collect(params: Params, real_images: int = 16) -> Results:
    """Read the results of every declared cell; files of variants that are no longer declared are not looked at.

    A cell that was not trained and evaluated is marked as such. What is there but damaged is refused.

    Args:
        params: what was declared.
        real_images: how many held-out images to keep for comparison.

    Raises:
        BenchError: data, judge or floor is missing, or a result is damaged, with the command that makes it.
    """
    real = read_metrics(floor_metrics("images"), "dvc repro floor")
    wanted = {name for name in real if family(name)[0] not in CONDITIONAL}
    same = params.images.evaluate.bound == "held_out"  # else the floor may be of another n, and its names with it
    frame, found = _cells(params, "images", wanted, same)
    store = Store.open(prepared_dir("images"))
    return Results(
        params=params,
        track="images",
        frame=frame,
        real=real,
        courses=found,
        judge=read_metrics(judge_metrics("images"), "dvc repro judge"),
        task=str(read_json(judge_dir("images") / "judge.json", "dvc repro judge").get("task")),
        meta=store.meta,
        held_out=np.array(store.images("test")[:real_images]),
        points=None if params.points is None else _points(params),
        translation=None if params.translation is None else _translation(params),
    )


def _points(params: Params) -> PointsResults:
    paths = [floor_metrics("points"), ceiling_metrics("points"), gaussian_metrics("points")]
    real, ceiling, gaussian = _references(params, "points", paths, "dvc repro floor_points")
    frame, found = _cells(params, "points", set(real))
    return PointsResults(params, "points", frame, real, found, ceiling, gaussian)


def _translation(params: Params) -> TranslationResults:
    paths = [floor_metrics("translation"), METRICS / "translation" / "identity.json"]
    real, identity = _references(params, "translation", paths, "dvc repro floor_translation")
    frame, found = _cells(params, "translation", set())
    return TranslationResults(params, "translation", frame, real, found, identity)


def _cells(params: Params, track: str, wanted: set[str], same: bool = True) -> tuple[pd.DataFrame, dict[Cell, Course]]:
    """A row a declared cell of a track, and the courses of those that finished; see `_cell`."""
    declared = cells(params, track)
    records = [_cell(cell, wanted, same) for cell in declared]
    finished = [cell for cell, record in zip(declared, records, strict=True) if record["status"] == "finished"]
    return pd.DataFrame.from_records(records), courses(finished)


def _references(params: Params, track: str, paths: list[Path], command: str) -> list[dict[str, float]]:
    """What a track is compared with; nothing where nothing of the track has run."""
    if not any(path.exists() for path in paths) and not any(_has_run(cell) for cell in cells(params, track)):
        return [{} for _ in paths]
    return [read_metrics(path, command) for path in paths]


def _has_run(cell: Cell) -> bool:
    return cell.metrics_path.exists() and (cell.train_dir / "status.json").exists()


def _cell(cell: Cell, wanted: set[str], same: bool = True) -> dict[str, Any]:
    """A row of the frame; of wanted metrics the names are the same, or the families alone."""
    path, command = cell.metrics_path, stage("evaluate", cell)
    row: dict[str, Any] = {"track": cell.track, "variant": cell.variant, "seed": cell.seed}
    if not _has_run(cell):
        return row | dict.fromkeys(NOT_METRICS) | {"status": NOT_RUN, "reason": command}
    status = _status(cell)
    evaluated = read_status(path, command)
    if status["status"] != evaluated["status"]:
        raise BenchError(f"{path}: status: {evaluated['status']!r}, but training {status['status']}; run {command}")
    row |= {key: status.get(key) for key in NOT_METRICS}
    if status["status"] == "diverged":
        return row
    metrics = numbers(evaluated, path, command)
    families = set() if same else {family(name)[0] for name in metrics}
    if missing := {name for name in wanted - set(metrics) if family(name)[0] not in families}:
        raise BenchError(f"{path}: {order(missing)[0]}: missing, but the real images have it; run {command}")
    return row | metrics


def _status(cell: Cell) -> dict[str, Any]:
    """How the training of a cell ended."""
    path, command = cell.train_dir / "status.json", stage("train", cell)
    status = read_status(path, command)
    for key in ("iteration", "images"):
        if type(status.get(key)) is not int:
            raise BenchError(f"{path}: {key}: {status.get(key)!r}: expected a whole number; run {command}")
    return status
