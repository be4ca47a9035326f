"""A ganbench project in a temporary folder, with git and DVC, for the tests that run the real pipeline."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CELLS = {"train", "sample", "evaluate"}

FOREIGN = ("MLFLOW_", "DVC_", "GIT_")
ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Project:
    """A ganbench project in a folder of its own, with git and DVC."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command at the root; its output, stderr included."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)} | ENVIRONMENT
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
        yaml = YAML()
        path = self.root / "params.yaml"
        values = yaml.load(path.read_text(encoding="utf-8"))
        for key, value in changes.items():
            *parents, last = key.split("__")
            node = values
            for parent in parents:
                node = node[parent]
            node[last] = value
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(values, file)

    def undeclare(self, section: str) -> None:
        """Take a section out of params.yaml."""
        yaml = YAML()
        path = self.root / "params.yaml"
        values = yaml.load(path.read_text(encoding="utf-8"))
        del values[section]
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(values, file)

    def leave_out(self, *stages: str) -> None:
        """Take stages out of dvc.yaml, and what others take from them."""
        yaml = YAML()
        path = self.root / "dvc.yaml"
        pipeline = yaml.load(path.read_text(encoding="utf-8"))
        for stage in stages:
            del pipeline["stages"][stage]
        report = pipeline["stages"]["report"]
        gone = {"theory": "results/theory", "points": "runs/points"}
        report["deps"] = [dep for dep in report["deps"] if dep not in {gone.get(stage) for stage in stages}]
        if "points" in stages:
            report["params"].remove("points")
            pipeline["plots"] = [plot for plot in pipeline["plots"] if "points" not in plot]
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(pipeline, file)

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


def small_points(root: Path) -> dict[str, object]:
    """A variant of points that trains in a second."""
    values = YAML(typ="safe").load((root / "params.yaml").read_text(encoding="utf-8"))
    variant: dict[str, object] = values["points"]["variants"]["gan"]
    return variant | {"network": {"mlp": {"width": 8, "depth": 1, "latent": 2, "dropout": 0.0}}}


def new_project(root: Path, points: bool = False) -> Project:
    """A copy of this checkout as a repository of its own, with two small variants of images and a tiny budget.

    Without the stage `theory`, and without the track `points` unless it is asked for: then with one small variant.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("results/", "dvc.lock")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    project = Project(root)
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
        images__explore__variants=[],
    )
    if not points:
        project.undeclare("points")
    else:
        project.edit(points__budget_kpoints=12.8, points__variants={"gan": small_points(root)})
    project.leave_out(*(["theory"] if points else ["theory", "floor_points", "points", "evaluate_points"]))
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.commit("a project")
    return project
