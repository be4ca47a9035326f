"""What a cell costs beside its training: imports, tracking, checkpoints, samples, metrics."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganbench.bench.clock import Spread
from ganbench.bench.effort import Effort
from ganbench.bench.process import Ran, run
from ganbench.bench.project import edit_params, project_copy

STAGES = ("train", "sample", "evaluate")
BEFORE = (("check",), ("prepare", "images"), ("judge", "images"), ("floor", "images"))


def bench_overhead(variant: str, effort: Effort) -> dict[str, Any]:
    """Each stage of a cell whose budget is a few rounds, as a process from its start to its end.

    A first pass, in which MLflow makes its database, is not counted; in a second one Python says what imports took.
    """
    with tempfile.TemporaryDirectory() as name:
        project = project_copy(Path.cwd(), Path(name) / "project")
        edit_params(project, budget_kimg=0.64, judge={"epochs": 1})
        for stage, *arguments in BEFORE:
            _stage(project, stage, *arguments)
        _cell(project, variant)
        imports = {stage: ran.output for stage, ran in _cell(project, variant, "-X", "importtime").items()}
        passes = [_cell(project, variant) for _ in range(effort.repeats)]
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
        "total": Spread.of([sum(ran.seconds for ran in one.values()) for one in passes]).record(),
    }


def import_seconds(output: str) -> float:
    """What ``python -X importtime`` says of all imports, each without those inside it, added up."""
    rows = [line.split("|")[0].partition(":")[2] for line in output.splitlines() if line.startswith("import time:")]
    return sum(int(row) for row in rows if row.strip().isdigit()) / 1e6


def _cell(project: Path, variant: str, *python: str) -> dict[str, Ran]:
    return {stage: _stage(project, stage, "images", variant, "0", python=python) for stage in STAGES}


def _stage(project: Path, stage: str, *arguments: str, python: Sequence[str] = ()) -> Ran:
    return run([sys.executable, *python, f"stages/{stage}.py", *arguments], project)
