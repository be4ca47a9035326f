"""What a cell costs beside its training: imports, tracking, checkpoints, samples, metrics."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ganbench.bench.clock import Spread
from ganbench.bench.effort import Effort
from ganbench.bench.process import Ran, run
from ganbench.bench.project import edit_params, project_copy
from ganbench.scaling.warm import warm

STAGES = ("train", "sample", "evaluate")
BEFORE = (("check",), ("prepare", "images"), ("judge", "images"), ("floor", "images"))


def bench_overhead(variant: str, effort: Effort) -> dict[str, Any]:
    """Each stage of a cell whose budget is a few rounds, as a process from its start to its end.

    A first pass, in which MLflow makes its database, is not counted; in a second one Python says what imports took.
    Then the same with a warm start, as under ``ganbench repro``, where the system has it: an empty ``warm`` says that
    there is none. Its first pass, which waits until the server is ready, is not counted either.
    """
    with tempfile.TemporaryDirectory() as name:
        project = project_copy(Path.cwd(), Path(name) / "project")
        edit_params(project, budget_kimg=0.64, judge={"epochs": 1})
        for stage, *arguments in BEFORE:
            _stage(project, stage, *arguments)
        _cell(project, variant)
        imports = {stage: ran.output for stage, ran in _cell(project, variant, "-X", "importtime").items()}
        passes = [_cell(project, variant) for _ in tqdm(range(effort.repeats), "overhead")]
        with warm({}) as door:
            repeats = effort.repeats + 1 if door else 0
            warmed = [_cell(project, variant, environment=door) for _ in tqdm(range(repeats), "overhead, warm")][1:]
    return {
        "variant": variant,
        "stages": {
            stage: {
                "seconds": Spread.of([one[stage].seconds for one in passes]).record(),
                "cpu_seconds": Spread.of([one[stage].cpu_seconds for one in passes]).record(),
                "import_seconds": import_seconds(imports[stage]),
            }
            for stage in STAGES
        },
        "total": _total(passes),
        "warm": {stage: Spread.of([one[stage].seconds for one in warmed]).record() for stage in STAGES}
        | {"total": _total(warmed)}
        if warmed
        else {},
    }


def import_seconds(output: str) -> float:
    """What ``python -X importtime`` says of all imports, each without those inside it, added up."""
    rows = [line.split("|")[0].partition(":")[2] for line in output.splitlines() if line.startswith("import time:")]
    return sum(int(row) for row in rows if row.strip().isdigit()) / 1e6


def _total(passes: Sequence[Mapping[str, Ran]]) -> dict[str, float]:
    return Spread.of([sum(ran.seconds for ran in one.values()) for one in passes]).record()


def _cell(project: Path, variant: str, *python: str, environment: Mapping[str, str] | None = None) -> dict[str, Ran]:
    return {
        stage: _stage(project, stage, "images", variant, "0", python=python, environment=environment)
        for stage in STAGES
    }


def _stage(
    project: Path,
    stage: str,
    *arguments: str,
    python: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Ran:
    return run([sys.executable, *python, f"stages/{stage}.py", *arguments], project, environment)
