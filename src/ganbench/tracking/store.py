"""Where runs are recorded: an MLflow store, and in it one experiment a track and dataset."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from ganbench.cell import Cell, project_root
from ganbench.errors import BenchError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Run

DATABASES = ("sqlite", "mysql", "postgresql", "mssql")
"""Stores without a server: MLflow would put their artifacts below the working directory."""

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # seven retries with growing pauses, MLflow's default, would hold a training for minutes when a server is away
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
"""Defaults of ours; what the user sets wins."""

LOCK_SECONDS = 120

CELL = "ganbench.cell"
TRAINING = "ganbench.training"
"""Hash of all that determines a training: its run is found by it before the outputs exist."""
TRAINED_AT = "ganbench.trained_at"
"""When a training that was followed live ended, in milliseconds: its run waits for its evaluation, its duration not."""
KEY = "ganbench.key"
"""Hash of a finished cell's outputs: its run is complete, and there is one of it."""

PICTURES = "fixed_noise"
"""Key of the pictures; MLflow's image grid compares runs on the same key and step."""

ABOUT = (
    "One run a cell (variant/seed). Losses stand at the number of real images shown to the discriminator, so that "
    "variants with several critic steps compare."
)

COMPARISON = "comparison"
"""Name of the saved view of the run table."""

BATCH = 1000
"""Metrics that MLflow takes at once."""


@dataclass(frozen=True)
class Store:
    """An open MLflow store and the experiment of one track and dataset."""

    client: MlflowClient
    uri: str
    experiment: str
    """MLflow's id of the experiment."""

    root: Path


def tracking_uri(root: Path) -> str:
    """``MLFLOW_TRACKING_URI``, else ``sqlite:///<root>/mlflow.db``, which is what ``mlflow ui`` at the root opens."""
    uri = os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    path = _database_file(uri, root)
    return f"sqlite:///{path}" if path else uri


def open_store(track: str, dataset: str) -> Store:
    """Open the store, making database and experiment where they don't exist yet.

    Raises:
        BenchError: the experiment was deleted, or the database's folder does not exist.
        MlflowException: anything else that MLflow objects to, such as a server that does not answer.
    """
    root = project_root()
    uri = tracking_uri(root)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    # a wall of lines on every migration; and a retried request is ours to report, once
    for noisy in ("mlflow", "alembic", "urllib3.connectionpool"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    with _alone(uri, root):
        client = MlflowClient(uri, registry_uri=uri)
        return Store(client, uri, _experiment(client, f"{track}/{dataset}", uri, root), root)


def loss_name(term: str) -> str:
    """The metric's name: losses have a section of their own among MLflow's charts."""
    return f"loss/{term}"


def log_metrics(store: Store, run: str, metrics: Sequence[Metric]) -> None:
    """Log any number of metrics in as few transactions as MLflow allows."""
    for start in range(0, len(metrics), BATCH):
        store.client.log_batch(run, metrics=metrics[start : start + BATCH])


def logged_losses(store: Store, run: Run) -> dict[str, list[Metric]]:
    """The losses that a run has."""
    names = [name for name in run.data.metrics if name.startswith(loss_name(""))]
    return {name: list(store.client.get_metric_history(run.info.run_id, name)) for name in names}


def agrees(logged: dict[str, list[Metric]], history: dict[str, dict[int, float]], up_to: float = math.inf) -> bool:
    """Whether everything logged up to a step stands in the history; if not, it is of another training."""
    expected = {loss_name(term): values for term, values in history.items()}
    return all(
        _same(metric.value, expected.get(name, {}).get(metric.step))
        for name, metrics in logged.items()
        for metric in metrics
        if metric.step <= up_to
    )


def logged_pictures(store: Store, run: str) -> set[int]:
    """The steps at which a run has a fixed-noise picture."""
    names = [Path(item.path).name for item in store.client.list_artifacts(run, "images")]
    return {int(match[1]) for name in names if (match := re.match(rf"{PICTURES}\Wstep\W(\d+)\W", name))}


def log_picture(store: Store, run: str, step: int, path: Path) -> None:
    """Log a fixed-noise picture."""
    from PIL import Image

    with Image.open(path) as picture:
        store.client.log_image(run, picture, key=PICTURES, step=step)


def unfinished_runs(store: Store, cell: Cell, training: str) -> list[Run]:
    """The runs of a training that were not completed, the latest first."""
    wanted = f"tags.`{CELL}` = '{cell}' and tags.`{TRAINING}` = '{training}'"
    runs = store.client.search_runs([store.experiment], wanted)
    return [run for run in runs if KEY not in run.data.tags or run.info.status not in ("FINISHED", "FAILED")]


def comparison(experiment: str) -> str:
    """Markdown that leads to the saved view."""
    return f"[Compare params and metrics](#/experiments/{experiment}/runs?viewStateShareKey={COMPARISON})"


def _same(logged: float, expected: float | None) -> bool:
    if expected is None:
        return False
    # a database keeps infinity as its largest number
    return math.isclose(logged, expected) or not (math.isfinite(expected) or abs(logged) < 1e300)


def _experiment(client: MlflowClient, name: str, uri: str, root: Path) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        place = (root / "mlruns" / name).as_uri() if uri.startswith(DATABASES) else None
        with contextlib.suppress(MlflowException):  # another machine made it in the meantime
            made = client.create_experiment(name, place)
            client.set_experiment_tag(made, "mlflow.experimentKind", "custom_model_development")  # else it is asked for
            client.set_experiment_tag(made, "mlflow.note.content", f"{ABOUT} {comparison(made)}")
        found = client.get_experiment_by_name(name)
    if found is None:
        raise BenchError(f"{uri}: the experiment {name} can't be created")
    if found.lifecycle_stage != "active":
        raise BenchError(
            f"{uri}: the experiment {name} was deleted; bring it back with "
            f"`mlflow experiments restore -x {found.experiment_id}`, or forget it with `mlflow gc`"
        )
    return str(found.experiment_id)


@contextlib.contextmanager
def _alone(uri: str, root: Path) -> Iterator[None]:
    """One process at a time on an SQLite file: of several that make the tables of a new one, all but one fail."""
    path = _database_file(uri, root)
    if path is None:
        yield
        return
    if not path.parent.is_dir():
        raise BenchError(f"MLFLOW_TRACKING_URI: {uri}: no such folder: {path.parent}")
    # imported before the lock is taken, as it is most of the time that opening takes
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

    with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
        yield


def _database_file(uri: str, root: Path) -> Path | None:
    return root / uri.removeprefix("sqlite:///") if uri.startswith("sqlite:///") else None
