"""A saved view of the run table: what makes up a variant beside its metrics.

MLflow's table opens without params and metrics, and which columns it shows is the browser's own affair; a saved view is
the one thing that an experiment can bring along.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

from ganbench.tracking.store import COMPARISON, Store

TAG = f"mlflow.sharedViewState.{COMPARISON}"
PARAMS = ("network", "objective", "constraint", "tricks", "critic_steps", "optimizer", "lr", "seed")


def save_view(store: Store, metrics: Iterable[str]) -> None:
    """Make the view show these metrics, if it does not yet; the many shares of the discriminator stay out of it."""
    judged = [name for name in sorted(metrics) if not name.startswith("discriminator")]
    columns = [*(f"params.`{name}`" for name in PARAMS), *(f"metrics.`{name}`" for name in judged)]
    state = json.dumps({"selectedColumns": columns})
    saved = store.client.get_experiment(store.experiment).tags.get(TAG)
    if saved is None or json.loads(saved)["state"] != state:
        now = int(time.time() * 1000)
        view = {"name": COMPARISON.capitalize(), "createdAt": now, "updatedAt": now, "state": state}
        store.client.set_experiment_tag(store.experiment, TAG, json.dumps(view))
