"""What learning curves cost beside the training whose course they show."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tqdm import tqdm

from ganbench.bench.effort import Effort
from ganbench.bench.overhead import BEFORE
from ganbench.bench.process import limited, run
from ganbench.bench.project import edit_params, project_copy
from ganbench.errors import BenchError
from ganbench.params import Params, load

if TYPE_CHECKING:
    from ganbench.cell import Cell


IMAGES, POINTS, TRANSLATION = "images", "points", "translation"
PREPARED: dict[str, Sequence[Sequence[str]]] = {
    IMAGES: BEFORE,
    POINTS: [("floor", POINTS)],
    TRANSLATION: [("prepare", TRANSLATION), ("judge_translation",), ("floor", TRANSLATION)],
}
"""Stages and their arguments that come before the first cell of a track."""


def bench_curves(variants: Sequence[str], threads: int, effort: Effort) -> list[dict[str, Any]]:
    """Train a cell of each variant at the declared budget and evaluate it, in a process of its own.

    Its curve costs the snapshots that the training takes and the metrics that the evaluation measures on them; `share`
    is that of the training without the snapshots. Judges are trained for an epoch: they take as long to look. The
    snapshots of points are those of their film, which is there in any case.

    Args:
        variants: of images; those of another track with its name before them, as in «points/gan».
        threads: of torch.
        effort: says what share of the budget.

    Raises:
        BenchError: before any training: a variant is not declared.
    """
    params, names = load(), [_split(variant) for variant in variants]
    for track, variant in names:
        section = getattr(params, track) if track in PREPARED else None
        if section is None or variant not in section.variants:
            known = [
                f"{track}/{one}" for track in PREPARED if (part := getattr(params, track)) for one in part.variants
            ]
            raise BenchError(f"--variant: {track}/{variant}: not declared; allowed: {', '.join(known)}")
    with tempfile.TemporaryDirectory() as name:
        project = project_copy(Path.cwd(), Path(name) / "project")
        for track in dict.fromkeys([IMAGES, *(track for track, _ in names)]):
            budget = "budget_kpoints" if track == POINTS else "budget_kimg"
            less: dict[str, Any] = {budget: getattr(getattr(params, track), budget) * effort.share}
            edit_params(project, track, **less, **({} if track == POINTS else {"judge": {"epochs": 1}}))
            for stage, *arguments in PREPARED[track]:
                run([sys.executable, f"stages/{stage}.py", *arguments], project)
        return [_measured(variant, threads, project) for variant in tqdm(variants, "curves")]


def first_of_others(params: Params) -> list[str]:
    """The first variant of every other track that is declared, as `bench_curves` takes it."""
    sections = {track: getattr(params, track) for track in (POINTS, TRANSLATION)}
    return [f"{track}/{next(iter(section.variants))}" for track, section in sections.items() if section is not None]


def _split(variant: str) -> tuple[str, str]:
    """The track, and the variant's name there."""
    track, _, name = variant.rpartition("/")
    return track or IMAGES, name


def _measured(variant: str, threads: int, project: Path) -> dict[str, Any]:
    spec = json.dumps({"variant": variant, "threads": threads})
    ran = run([sys.executable, "-m", "ganbench.bench.child", "curve", spec], project, limited(threads))
    found: dict[str, Any] = json.loads(ran.output.strip().splitlines()[-1])
    return {"variant": variant, "share": share(found, "seconds"), "cpu_share": share(found, "cpu_seconds"), **found}


def share(found: dict[str, Any], unit: str) -> float:
    """The time for the curve by that of the training alone."""
    snapshots, metrics, train = (found[part][unit] for part in ("snapshots", "metrics", "train"))
    return float((snapshots + metrics) / (train - snapshots))


def one(spec: dict[str, Any]) -> dict[str, Any]:
    """One cell in this process, in this folder's project. The keys of `spec`: variant, threads."""
    import torch

    from ganbench.cell import Cell
    from ganbench.evaluation.moments import FILE
    from ganbench.training.snapshots import Snapshots

    torch.set_num_threads(spec["threads"])
    params = load()
    track, variant = _split(spec["variant"])
    cell = Cell(track, variant, params.seeds[0])
    watches = Watches(Stopwatch(), Stopwatch(), Stopwatch())
    with ExitStack() as stack:
        for step in (Snapshots.take, Snapshots.write):
            stack.enter_context(patch.object(Snapshots, step.__name__, watches.snapshots.of(step)))
        {IMAGES: _image, POINTS: _points, TRANSLATION: _translation}[track](cell, params, watches, stack)
    curve = cell.evaluation_dir / FILE
    moments = len(curve.read_text(encoding="utf-8").splitlines()) - 1 if curve.exists() else 0
    return {"moments": moments, **{name: vars(watch) for name, watch in vars(watches).items()}}


def _time_curve(evaluate: ModuleType, watches: Watches, stack: ExitStack) -> None:
    name = "curve_of"
    stack.enter_context(patch.object(evaluate, name, watches.metrics.of(getattr(evaluate, name))))


def _image(cell: Cell, params: Params, watches: Watches, stack: ExitStack) -> None:
    from ganbench.evaluation import evaluate
    from ganbench.sampling import sample_cell
    from ganbench.search.trial import Nobody
    from ganbench.training.device import pick_device
    from ganbench.training.run import scratch_of, train_cell

    _time_curve(evaluate, watches, stack)
    with scratch_of(cell, params) as scratch, watches.train.running():
        train_cell(cell, params, Nobody(), scratch)
    sample_cell(cell, params, pick_device(params.device))
    evaluate.evaluate_cell(cell, params)


def _points(cell: Cell, params: Params, watches: Watches, stack: ExitStack) -> None:
    from ganbench.evaluation.points import evaluate
    from ganbench.training.points import scratch_of_variant, train_points

    _time_curve(evaluate, watches, stack)
    with scratch_of_variant(cell.variant, params) as scratch, watches.train.running():
        train_points(cell.variant, params, scratch)
    evaluate.evaluate_points(cell.variant, params)


def _translation(cell: Cell, params: Params, watches: Watches, stack: ExitStack) -> None:
    from ganbench.evaluation.translation import evaluate
    from ganbench.search.trial import Nobody
    from ganbench.training.device import pick_device
    from ganbench.training.translation import scratch_of_translation, train_translation
    from ganbench.translating import translate_cell

    _time_curve(evaluate, watches, stack)
    with scratch_of_translation(cell, params) as scratch, watches.train.running():
        train_translation(cell, params, Nobody(), scratch)
    translate_cell(cell, params, pick_device(params.device))
    evaluate.evaluate_translation(cell, params)


class Stopwatch:
    """Seconds, and those of the CPU, while it was running."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it run."""
        began, busy = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began
            self.cpu_seconds += time.process_time() - busy

    def of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, during which it runs."""

        @wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            with self.running():
                return function(*arguments, **options)

        return timed


@dataclass(frozen=True)
class Watches:
    """Of the training, the snapshots that it takes, and the metrics of its curve."""

    train: Stopwatch
    snapshots: Stopwatch
    metrics: Stopwatch
