"""A ganbench project in a temporary folder, with git and DVC, for the tests that run the real pipeline."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ganbench.warm import DOOR

ROOT = Path(__file__).parents[2]
CELLS = {"train", "sample", "evaluate"}
STAGES = {
    "points": ("floor_points", "points", "evaluate_points"),
    "translation": (
        "prepare_translation", "judge_translation", "floor_translation",
        "train_translation", "translate", "evaluate_translation",
    ),
}  # fmt: skip
"""Of the tracks beside images."""

FOREIGN = ("MLFLOW_", "DVC_", "GIT_")
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Project:
    """A ganbench project in a folder of its own, with git and DVC; its stages start cold if it says so."""

    def __init__(self, root: Path, cold: bool = False) -> None:
        self.root = root
        self._without = {DOOR} if cold else set[str]()

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command at the root; its output, stderr included."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)} | ENVIRONMENT
        environment = {key: value for key, value in environment.items() if key not in self._without}
        done = subprocess.run(command, cwd=self.root, env=environment, text=True, capture_output=True, check=False)
        output = done.stdout + done.stderr
        assert (done.returncode == 0) == (expect == 0), output
        return output

    def repro(self, *arguments: str) -> set[str]:
        """`dvc repro`; the stages that really ran."""
        return ran(self.run("dvc", "repro", *arguments))

    def commit(self, message: str) -> None:
        """Everything into git."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "-m", message)

    def edit(self, **changes: object) -> None:
        """Set values in params.yaml by dotted key (with __ for the dots)."""

        def change(values: Any) -> None:
            for key, value in changes.items():
                *parents, last = key.split("__")
                node = values
                for parent in parents:
                    node = node[parent]
                node[last] = value

        self._rewrite("params.yaml", change)

    def leave_out(self, track: str) -> None:
        """Take a track out of params.yaml and dvc.yaml."""
        self._rewrite("params.yaml", lambda values: values.pop(track))
        self._rewrite("dvc.yaml", lambda pipeline: _without(pipeline, STAGES[track], track))

    def leave_out_theory(self) -> None:
        """Take the stage `theory` out of dvc.yaml."""
        self._rewrite("dvc.yaml", lambda pipeline: _without(pipeline, ("theory",), "results/theory"))

    def _rewrite(self, name: str, change: Callable[[Any], object]) -> None:
        yaml, path = YAML(), self.root / name
        values = yaml.load(path.read_text(encoding="utf-8"))
        change(values)
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(values, file)

    def runs(self) -> list[dict[str, str]]:
        """The runs in the default MLflow store: status and cell."""
        code = (
            "import json, mlflow; from mlflow import MlflowClient; c = MlflowClient('sqlite:///mlflow.db');"
            "e = [x.experiment_id for x in c.search_experiments()];"
            "print('RUNS' + json.dumps([dict(r.data.tags, status=r.info.status) for r in c.search_runs(e)]))"
        )
        output = self.run(sys.executable, "-c", code)
        found: list[dict[str, str]] = json.loads(output.split("RUNS")[1].splitlines()[0])
        return found


def ran(output: str) -> set[str]:
    return set(re.findall(r"Running stage '([^']+)'", output))


def cells_of(*names: str) -> set[str]:
    return {f"{stage}@{name}" for stage in CELLS for name in names}


def _without(pipeline: Any, stages: Sequence[str], track: str) -> None:
    """Take out stages, and what the report takes from them."""
    for stage in stages:
        del pipeline["stages"][stage]
    report = pipeline["stages"]["report"]
    report["deps"] = [dep for dep in report["deps"] if dep not in (track, f"runs/{track}")]
    report["params"] = [name for name in report["params"] if name != track]
    pipeline["plots"] = [plot for plot in pipeline["plots"] if f"/{track}_" not in plot]


def small_points(root: Path) -> dict[str, object]:
    """A variant of points that trains in a second."""
    values = YAML(typ="safe").load((root / "params.yaml").read_text(encoding="utf-8"))
    variant: dict[str, object] = values["points"]["variants"]["gan"]
    return variant | {"network": {"mlp": {"width": 8, "depth": 1, "latent": 2, "dropout": 0.0}}}


TRANSLATION = {
    "dataset": "shapes",
    "task": {"edges": {}},
    "limit": 48,
    "resolution": 16,
    "channels": 3,
    "prepare": {"split_seed": 0},
    "evaluate": {"samples": 1000},
    "budget_kimg": 0.128,
    "judge": {"epochs": 1},
    "training": {"batch_size": 8, "pictures": 2},
    "variants": {
        "pix2pix": {
            "game": {"paired": {"l1": 100.0}},
            "network": {"unet": {"width": 4}},
            "discriminator": {"patch": {"width": 4, "receptive": 16}},
            "objective": "non_saturating",
        },
    },
}
"""The track, with a variant that trains in a second."""


def new_project(root: Path, *tracks: str, cold: bool = False) -> Project:
    """A copy of this checkout as a repository of its own, with two small variants of images and a tiny budget.

    Without the stage `theory`, and without the tracks beside images but those that are asked for: they are as small.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("results/", "dvc.lock")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    project = Project(root, cold)
    variants = YAML(typ="safe").load((root / "params.yaml").read_text(encoding="utf-8"))["images"]["variants"]
    small = {
        "gan": variants["gan"] | {"network": {"mlp": {"width": 16}}},
        "wgan_gp": variants["wgan_gp"] | {"network": {"dcgan": {"width": 4}}},
    }
    project.edit(
        device="cpu",
        images__budget_kimg=1.28,
        images__training__pictures=2,
        images__judge__epochs=2,
        images__sample__count=100,
        images__variants=small,
        images__search={},
        images__explore__variants=[],
    )
    if "points" in tracks:
        project.edit(points__budget_kpoints=12.8, points__variants={"gan": small_points(root)}, points__search={})
    if "translation" in tracks:
        project.edit(translation=TRANSLATION)
    for track in STAGES.keys() - set(tracks):
        project.leave_out(track)
    project.leave_out_theory()
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.commit("a project")
    return project
