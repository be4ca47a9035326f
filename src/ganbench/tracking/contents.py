"""What the run of a finished cell contains."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from ganbench.cell import Cell, scratch_dir
from ganbench.params import Params
from ganbench.tracking.describe import protocol_params
from ganbench.tracking.finished import Finished
from ganbench.tracking.model import log_generators
from ganbench.tracking.store import (
    CELL,
    KEY,
    LOCK_SECONDS,
    TRAINED_AT,
    TRAINING,
    Store,
    log_metrics,
    log_picture,
    logged_losses,
    logged_pictures,
    loss_name,
)
from ganbench.tracking.view import save_view

if TYPE_CHECKING:
    from mlflow.entities import Run

DIGEST = 12
"""Characters of a split's hash that tell data sets apart; MLflow's own digests have eight."""

EXTRACTED = re.compile(r"_[a-z0-9]+_\d+(_k\d+)?$")
"""What a metric's name says beside its family: extractor, number of images, neighbours."""

BARS = 0
"""Step of the final metrics: MLflow draws a metric at step 0 as bars, a bar a run, and at any other as a line."""


def tags(found: Finished, training: str) -> dict[str, str]:
    """Tags of a run: key, hashes, commit, the floor of each metric, and a description with both."""
    status, floor = found.status, found.floor
    all_of_it = {
        CELL: str(found.cell),
        TRAINING: training,
        KEY: found.key,
        "ganbench.status": status["status"],
        **{f"ganbench.sha256.{name}": digest for name, digest in found.hashes.items()},
        **{f"floor.{_allowed(name)}": f"{floor[name]:.6g}" for name in found.metrics if name in floor},
        "mlflow.note.content": _description(found),
        "mlflow.source.name": _stage(found.cell),
        "mlflow.source.type": "LOCAL",
    }
    if found.diverged:
        all_of_it["ganbench.diverged_at_iteration"] = str(status["iteration"])
    if commit := _head():
        all_of_it["mlflow.source.git.commit"] = commit  # HEAD as it was recorded; what identifies it are the hashes
    return all_of_it


def complete(store: Store, run: Run, found: Finished, params: Params, known: Mapping[str, Any], training: str) -> None:
    """Add everything that the run does not have yet, and close it: FINISHED, or FAILED for a diverged cell.

    `known` is what `ganbench.tracking.model.describe` says.
    """
    from mlflow.entities import Metric, Param, RunTag

    client, run_id, cell = store.client, run.info.run_id, found.cell
    images, now = found.status["images"], int(time.time() * 1000)
    declared = known["params"] | protocol_params(cell, params)
    client.log_batch(
        run_id,
        params=[Param(name, value) for name, value in declared.items()],
        tags=[RunTag(name, value) for name, value in tags(found, training).items() if run.data.tags.get(name) != value],
    )
    logged = [(name, loss) for name, losses in logged_losses(store, run).items() for loss in losses]
    there = {(name, loss.step) for name, loss in logged}
    rows = [(loss_name(term), step, value) for term, row in found.history.items() for step, value in row.items()]
    log_metrics(store, run_id, [Metric(n, v, now, step) for n, step, v in rows if (n, step) not in there])
    _log_pictures(store, run_id, found)
    _log_data(store, run_id, found)
    if not found.diverged:
        model = log_generators(store, run_id, cell, known["models"], images)
        judged = next(reversed(found.stores.values()), found.data)
        name, digest = judged["dataset"], judged["sha256"]["test"][:DIGEST]
        final = [
            Metric(_allowed(k), v, now, BARS, model_id=model, dataset_name=name, dataset_digest=digest)
            for k, v in found.metrics.items()
        ]
        log_metrics(store, run_id, final)
        when = {loss.step: loss.timestamp for _, loss in logged}
        curve = [(curve_name(name), step, v) for name, row in found.curve.items() for step, v in row.items()]
        log_metrics(store, run_id, [Metric(n, v, _moment(when, step, now), step) for n, step, v in curve])
        save_view(store, declared, [metric.key for metric in final])
    trained_at = int(run.data.tags.get(TRAINED_AT, now))
    client.set_terminated(run_id, "FAILED" if found.diverged else "FINISHED", end_time=trained_at)


def curve_name(metric: str) -> str:
    """Of a metric over the course of training: ``fid_judge_449`` → ``curve/fid``, a section of its own among charts."""
    return f"curve/{EXTRACTED.sub('', metric)}"


def _moment(when: Mapping[int, int], images: int, otherwise: int) -> int:
    """When so many images had been seen, in milliseconds: the reading of losses there, or the last before, or the next.

    On MLflow's axis of time a curve then shows quality against seconds.
    """
    before, after = [step for step in when if step <= images], [step for step in when if step > images]
    if before:
        return when[max(before)]
    return when[min(after)] if after else otherwise


def _log_pictures(store: Store, run_id: str, found: Finished) -> None:
    there = logged_pictures(store, run_id)
    for images, path in found.fixed_noise.items():
        if images not in there:
            log_picture(store, run_id, images, path)
    for path in found.attachments:
        store.client.log_artifact(run_id, str(path), path.parent.name)


def _log_data(store: Store, run_id: str, found: Finished) -> None:
    """The splits by their hashes, as ``meta.json`` tells them; the data are not read."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = []
    if found.cell.track == "points":
        meta = found.data
        drawn = Dataset(meta["dataset"], meta["sha256"]["train"][:DIGEST], "code", json.dumps({"pool": meta["pool"]}))
        inputs.append(DatasetInput(drawn, [InputTag("mlflow.data.context", "training")]))
    for folder, meta in found.stores.items():
        source = json.dumps({"uri": str(folder)})
        shape = [meta["resolution"], meta["resolution"], meta["channels"]]
        for split, context in (("train", "training"), ("test", "evaluation")):
            profile = json.dumps({"split": split, "images": meta[split], "shape": shape})
            data = Dataset(meta["dataset"], meta["sha256"][split][:DIGEST], "local", source, profile=profile)
            inputs.append(DatasetInput(data, [InputTag("mlflow.data.context", context)]))
    with FileLock(scratch_dir() / "tracking" / "data.lock", timeout=LOCK_SECONDS):
        store.client.log_inputs(run_id, inputs)  # of two that add the same data set at once, one would fail


def _description(found: Finished) -> str:
    """The metrics beside the floor, or why there are none."""
    status, floor = found.status, found.floor
    if found.diverged:
        return f"Diverged: {status['reason']}, after {status['images']} real images."
    lines = [
        f"| {name} | {value:.4g} | {f'{floor[name]:.4g}' if name in floor else ''} |"
        for name, value in sorted(found.metrics.items())
    ]
    return "\n".join(["| metric | this run | real images (floor) |", "|---|---|---|", *lines])


def _stage(cell: Cell) -> str:
    """DVC's name of the stage."""
    if cell.track == "points":
        return f"evaluate_points@{cell.variant}"
    return f"{'evaluate' if cell.track == 'images' else f'evaluate_{cell.track}'}@{cell.variant}-{cell.seed}"


def _allowed(name: str) -> str:
    """A metric's name as MLflow takes it."""
    return re.sub(r"[^\w\-. /]", "_", name, flags=re.ASCII)


def _head() -> str | None:
    """The commit that is checked out; None without git or before the first commit."""
    try:
        done = subprocess.run(["git", "rev-parse", "--verify", "--quiet", "HEAD"], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
