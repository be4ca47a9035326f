"""A table at equal seconds: the learning curves of a project's images against the clock that MLflow read.

    python benchmarks/fidelity/seconds.py take PROJECT    # after `ganbench repro` there, on an otherwise idle machine
    python benchmarks/fidelity/seconds.py table

Seconds belong to a machine, so no stage writes them: they stand in MLflow, and in the table of a named machine. Those
of a training that was interrupted hold the pause, so such a run is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from circumstances import circumstances
from page import RESULTS_PAGE, ROOT, put

from ganbench.statistics.moments import distance_at

RESULT = ROOT / "benchmarks" / "results" / "seconds.json"
CURVE = "curve/fid"
PAUSE = 10
"""An interval between two readings of the losses that is so many times the median one is a pause."""


@click.group()
def main() -> None:
    """FID at equal seconds."""


@main.command()
@click.argument("project", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--jobs", default=2, show_default=True, help="Cells that ran at once, for the record.")
@click.option("--beside", default="nothing", show_default=True, help="What else ran on the machine, for the record.")
def take(project: Path, jobs: int, beside: str) -> None:
    """Read the runs of PROJECT's cells of images from its mlflow.db."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{(project / 'mlflow.db').resolve()}")
    wanted = [one.experiment_id for one in client.search_experiments() if one.name.startswith("images/")]
    runs = client.search_runs(wanted, "tags.`ganbench.cell` LIKE 'images/%' and attributes.status = 'FINISHED'")
    if not runs:
        raise click.ClickException(f"{project}: no finished run of images in mlflow.db")
    cells = {run.data.tags["ganbench.cell"]: course(client, run) for run in runs}
    found = {
        **circumstances(project),
        "jobs": jobs,
        "beside": beside,
        "cells": {cell: values for cell, values in sorted(cells.items()) if values["seconds"]},
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    click.echo(f"wrote {RESULT.relative_to(ROOT)}: {len(found['cells'])} cells")


def course(client: Any, run: Any) -> dict[str, list[float]]:
    """Seconds since the training began, real images and FID at each moment; nothing where no moment was kept."""
    readings = [name for name in run.data.metrics if name.startswith("loss/")]
    ticks = sorted(one.timestamp for one in client.get_metric_history(run.info.run_id, readings[0]))
    gaps = np.diff([run.info.start_time, *ticks])
    if gaps.max() > PAUSE * max(np.median(gaps), 1000):
        raise click.ClickException(f"{run.info.run_name}: {gaps.max() / 1000:.0f} s without a reading: interrupted")
    points = sorted((one.step, one.timestamp, one.value) for one in client.get_metric_history(run.info.run_id, CURVE))
    return {
        "images": [step for step, _, _ in points],
        "seconds": [(when - run.info.start_time) / 1000 for _, when, _ in points],
        "fid": [value for _, _, value in points],
    }


@main.command()
def table() -> None:
    """Write the table of docs/results.md."""
    found = json.loads(RESULT.read_text(encoding="utf-8"))
    cells = found["cells"]
    shared = min(values["seconds"][-1] for values in cells.values())
    lines = [
        f"{found['machine']}; {found['jobs']} cells at once, a thread each; beside them ran {found['beside']};",
        f"torch {found['torch']}, commit {found['commit'][:7]}.",
        f"The quickest variant was done after {shared:.0f} seconds of training;",
        "all are compared there, between their moments by interpolation of FID's logarithm, «–» before their first.",
        "",
        f"| | seconds in all | FID at {shared:.0f} s | FID at the end | images by then, thousands |",
        "|---|---|---|---|---|",
    ]
    for cell, values in sorted(cells.items(), key=lambda one: then(one[1], shared)):
        seen = np.interp(shared, [0, *values["seconds"]], [0, *values["images"]]) / 1000
        at = then(values, shared)
        shown = "–" if np.isinf(at) else f"{at:.1f}"
        lines.append(
            f"| `{cell.split('/')[1]}` | {values['seconds'][-1]:.0f} | {shown} | {values['fid'][-1]:.1f} | {seen:.0f} |"
        )
    put(RESULTS_PAGE, "seconds", "\n".join(lines))


def then(values: dict[str, list[float]], seconds: float) -> float:
    """FID after so many seconds; infinite before the first moment."""
    found = distance_at(np.array(values["seconds"]), np.array(values["fid"]), seconds)
    return float("inf") if found is None else found


if __name__ == "__main__":
    main()
