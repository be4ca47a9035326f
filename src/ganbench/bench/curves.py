"""What learning curves cost beside the training whose course they show."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tqdm import tqdm

from ganbench.bench.effort import Effort
from ganbench.bench.overhead import BEFORE
from ganbench.bench.process import run
from ganbench.bench.project import edit_params, project_copy
from ganbench.params import load


def bench_curves(variants: Sequence[str], threads: int, effort: Effort) -> list[dict[str, Any]]:
    """Train a cell of each variant at the declared budget and evaluate it, in a process of its own.

    Its curve costs the snapshots that the training takes and the metrics that the evaluation measures on them; `share`
    is that of the training without the snapshots. The judge is trained for an epoch: it takes as long to look.
    """
    with tempfile.TemporaryDirectory() as name:
        project = project_copy(Path.cwd(), Path(name) / "project")
        edit_params(project, budget_kimg=load().images.budget_kimg * effort.share, judge={"epochs": 1})
        for stage, *arguments in BEFORE:
            run([sys.executable, f"stages/{stage}.py", *arguments], project)
        return [_measured(variant, threads, project) for variant in tqdm(variants, "curves")]


def _measured(variant: str, threads: int, project: Path) -> dict[str, Any]:
    spec = json.dumps({"variant": variant, "threads": threads})
    ran = run([sys.executable, "-m", "ganbench.bench.child", "curve", spec], project)
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
    from ganbench.evaluation import evaluate
    from ganbench.evaluation.curve import curve_of
    from ganbench.sampling import sample_cell
    from ganbench.search.trial import Nobody
    from ganbench.training.device import pick_device
    from ganbench.training.run import scratch_of, train_cell
    from ganbench.training.snapshots import Snapshots, read_moments

    torch.set_num_threads(spec["threads"])
    params = load()
    cell = Cell("images", spec["variant"], params.seeds[0])
    train, snapshots, metrics = Stopwatch(), Stopwatch(), Stopwatch()
    with ExitStack() as stack:
        stack.enter_context(patch.object(Snapshots, "take", snapshots.of(Snapshots.take)))
        stack.enter_context(patch.object(Snapshots, "write", snapshots.of(Snapshots.write)))
        stack.enter_context(patch.object(evaluate, "curve_of", metrics.of(curve_of)))
        with scratch_of(cell, params) as scratch, train.running():
            train_cell(cell, params, Nobody(), scratch)
        sample_cell(cell, params, pick_device(params.device))
        evaluate.evaluate_cell(cell, params)
    return {
        "moments": len(read_moments(cell)),
        "train": vars(train),
        "snapshots": vars(snapshots),
        "metrics": vars(metrics),
    }


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
