"""A saved view of the run table: what makes up a variant beside its metrics.

MLflow's table opens without params and metrics, and which columns it shows is the browser's own affair; a saved view is
the one thing that an experiment can bring along.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable

from ganbench.tracking.store import COMPARISON, Store

TAG = f"mlflow.sharedViewState.{COMPARISON}"
PARAMS = (
    "game", "network", "discriminator", "objective", "constraint", "tricks", "condition", "critic_steps", "optimizer",
    "lr", "seed",
)  # fmt: skip


def save_view(store: Store, params: Collection[str], metrics: Iterable[str]) -> None:
    """Make the view show these metrics, if it does not yet; the many shares of the discriminator stay out of it.

    Args:
        store: with the experiment.
        params: names that the runs have; of these the view shows what makes up a variant.
        metrics: names of the final ones.
    """
    judged = [name for name in sorted(metrics) if not name.startswith("discriminator")]
    columns = [*(f"params.`{name}`" for name in PARAMS if name in params), *(f"metrics.`{name}`" for name in judged)]
    state = json.dumps({"selectedColumns": columns})
    saved = store.client.get_experiment(store.experiment).tags.get(TAG)
    if saved is None or json.loads(saved)["state"] != state:
        now = int(time.time() * 1000)
        view = {"name": COMPARISON.capitalize(), "createdAt": now, "updatedAt": now, "state": state}
        store.client.set_experiment_tag(store.experiment, TAG, json.dumps(view))
