"""A cell's complete run, made from the outputs on disk; recorded twice, it is there once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from ganbench.cell import Cell, dataset_of, scratch_dir
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.tracking import finished
from ganbench.tracking.contents import complete, tags
from ganbench.tracking.describe import training_hash
from ganbench.tracking.finished import Finished
from ganbench.tracking.model import describe
from ganbench.tracking.quietly import quietly
from ganbench.tracking.store import KEY, LOCK_SECONDS, Store, agrees, logged_losses, open_store, unfinished_runs

if TYPE_CHECKING:
    from mlflow.entities import Run


def record(cell: Cell, params: Params, known: Mapping[str, Any] | None = None) -> bool:
    """Make the cell's run complete: the live one if there is one, else a new one. Returns whether there was work.

    `known` is what `ganbench.tracking.model.describe` says; it is asked for if it is not given.

    Raises:
        BenchError: the cell has no outputs yet, or they are not readable.
        MlflowException: the store is not usable.
    """
    found = finished.read(cell, params)
    if found is None:
        raise BenchError(
            f"{cell.metrics_path}: {cell} is not finished as it is declared; `dvc repro` or `dvc pull` brings it"
        )
    store = open_store(cell.track, dataset_of(cell.track, params))
    return write(store, found, params, known)


def record_quietly(cell: Cell, params: Params, known: Mapping[str, Any] | None = None) -> bool:
    """`record` for the end of a stage: what fails is said in one line on stderr. Returns whether all went well."""
    return quietly(lambda: record(cell, params, known))


def recorded_keys(store: Store, key: str | None = None) -> set[str]:
    """Keys of the complete runs of an experiment, in one request a thousand runs: of all of them, or the one asked."""
    wanted = f"tags.`{KEY}` = '{key}'" if key else f"tags.`{KEY}` != ''"
    keys: set[str] = set()
    page = None
    while True:
        runs = store.client.search_runs([store.experiment], wanted, max_results=1000, page_token=page)
        keys |= {run.data.tags[KEY] for run in runs if run.info.status in ("FINISHED", "FAILED")}
        if not (page := runs.token):
            return keys


def write(store: Store, found: Finished, params: Params, known: Mapping[str, Any] | None = None) -> bool:
    """`record` into an open store; of several processes one does it."""
    cell = found.cell
    lock = scratch_dir() / "tracking" / f"{str(cell).replace('/', '-')}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock, timeout=LOCK_SECONDS):
        if found.key in recorded_keys(store, found.key):
            return False
        known = known or describe(cell, params)
        training = training_hash(known["params"], found.data["sha256"]["train"])
        run = _live_run(store, found, training)
        if run is None:
            name = f"{cell.variant}/{cell.seed}"
            run = store.client.create_run(store.experiment, tags=tags(found, training), run_name=name)
        complete(store, run, found, params, known, training)
    return True


def _live_run(store: Store, found: Finished, training: str) -> Run | None:
    """The run that followed the training, if what it saw is what the outputs say. What else is left of it is deleted:
    interrupted trainings and recordings."""
    kept: Run | None = None
    for run in unfinished_runs(store, found.cell, training):
        live = kept is None and run.info.status == "RUNNING" and KEY not in run.data.tags
        if live and agrees(logged_losses(store, run), found.history):
            kept = run
        else:
            store.client.delete_run(run.info.run_id)
    return kept
