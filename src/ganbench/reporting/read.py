"""Files that other stages wrote, read with an answer to what is missing or damaged."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ganbench.cell import Cell
from ganbench.errors import BenchError

NOT_METRICS = ("status", "iteration", "images", "reason")
ENDED = ("finished", "diverged")
STAGES = {
    "points": {"train": "points", "sample": "evaluate_points", "evaluate": "evaluate_points"},
    "translation": {"train": "train_translation", "sample": "translate", "evaluate": "evaluate_translation"},
}
"""What the stages of a track are called, where not by their task."""


def stage(name: str, cell: Cell) -> str:
    """The command that runs a stage for one cell; points train and are evaluated with all their seeds at once."""
    called = STAGES.get(cell.track, {}).get(name, name)
    return f"dvc repro {called}@{cell.variant}" + ("" if cell.track == "points" else f"-{cell.seed}")


def require(path: Path, command: str) -> Path:
    """The path, if it is a file.

    Raises:
        BenchError: it is not; `command` makes it.
    """
    if not path.is_file():
        raise BenchError(f"{path}: no such file; run {command}")
    return path


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


def read_status(path: Path, command: str) -> dict[str, Any]:
    """A JSON object that says how a cell ended.

    Raises:
        BenchError: as `read_json`, or it doesn't say that.
    """
    value = read_json(path, command)
    if value.get("status") not in ENDED:
        raise BenchError(f"{path}: status: {value.get('status')!r}; allowed: {', '.join(ENDED)}; run {command}")
    return value


def read_metrics(path: Path, command: str) -> dict[str, float]:
    """The metrics in a file.

    Raises:
        BenchError: as `read_json`, or one is no finite number.
    """
    return numbers(read_json(path, command), path, command)


def numbers(values: dict[str, Any], path: Path, command: str) -> dict[str, float]:
    """The metrics among the values of a file.

    Raises:
        BenchError: one is no finite number.
    """
    metrics = {key: value for key, value in values.items() if key not in NOT_METRICS}
    for key, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BenchError(f"{path}: {key}: {value!r}: expected a finite number; run {command}")
    return {key: float(value) for key, value in metrics.items()}
