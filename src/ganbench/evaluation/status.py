"""Cells whose training diverged: their evaluation says where it stopped, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.outputs import fresh_directory, write_json

STATUS = "status.json"


def divergence_of(cell: Cell, stage: str) -> dict[str, Any] | None:
    """The status of a cell that diverged; None where it finished.

    Args:
        cell: whose samples directory is looked at.
        stage: which wrote that directory.

    Raises:
        BenchError: the status is damaged or incomplete.
    """
    path = cell.samples_dir / STATUS
    if not path.exists():
        return None
    try:
        status = json.loads(path.read_text(encoding="utf-8"))
        complete = {key: status[key] for key in ("status", "iteration", "images", "reason")}
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{path}: not the status of a training: {error}; run {stage_of(cell, stage)}") from None
    if complete["status"] != "diverged":
        raise BenchError(f"{path}: status: {complete['status']!r}; allowed here: 'diverged'")
    return complete


def write_diverged(cell: Cell, status: dict[str, Any]) -> dict[str, Any]:
    """Write the evaluation of a cell that diverged: the status, with the reason in the directory alone.

    Returns:
        the metrics.
    """
    with fresh_directory(cell.evaluation_dir) as folder:
        write_json(folder / "record.json", status)
    metrics = {key: status[key] for key in ("status", "iteration", "images")}
    write_json(cell.metrics_path, metrics)
    return metrics


def stage_of(cell: Cell, name: str) -> str:
    """The command that runs a stage of a cell again."""
    return f"dvc repro {name}@{cell.variant}-{cell.seed}"
