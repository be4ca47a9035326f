"""The real pipeline on many machines with one DVC remote, and several cells at once on one of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from project import Project, new_project, ran
from ruamel.yaml import YAML

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("jobs")]


def trained(stages: set[str]) -> set[str]:
    return {stage for stage in stages if stage.startswith("train@")}


def recorded(project: Project) -> set[str]:
    """The cells of images that MLflow has a run of, each one and finished."""
    runs = [run for run in project.runs() if run["ganbench.cell"].startswith("images/")]
    assert {run["status"] for run in runs} == {"FINISHED"}
    assert len(runs) == len({run["ganbench.cell"] for run in runs})
    return {run["ganbench.cell"] for run in runs}


def test_machines_that_share_a_remote_train_each_cell_once(tmp_path: Path) -> None:
    origin = new_project(tmp_path / "origin")
    origin.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "remote"))
    origin.commit("a remote")

    def machine(name: str) -> Project:
        origin.run("git", "clone", "--quiet", str(origin.root), str(tmp_path / name))
        return Project(tmp_path / name)

    done: list[set[str]] = []
    for number in (1, 2):
        worker = machine(f"worker_{number}")
        output = worker.run("ganbench", "repro", "--pull", "--jobs", "1", "--part", f"{number}/2")
        assert "0 were up to date" in output
        worker.run("ganbench", "push")
        logs = (path.read_text(encoding="utf-8") for path in (worker.root / ".scratch/repro").glob("*.log"))
        done.append(set().union(*map(ran, logs)))
    assert trained(done[0]) | trained(done[1]) == {"train@gan-0", "train@wgan_gp-0"}
    assert not done[0] & done[1], "the second machine took from the remote what the first had made"

    third = machine("third")
    assert third.repro("--pull") == {"report"}, "nothing is trained, and nobody had written the report"
    third.run("ganbench", "sync")
    assert recorded(third) == {"images/gan/0", "images/wgan_gp/0"}

    small = YAML(typ="safe").load((third.root / "params.yaml").read_text(encoding="utf-8"))["images"]["variants"]["gan"]
    third.edit(seeds=[0, 1, 2], images__variants={"gan": small}, images__search={})
    assert "failed" not in third.run("ganbench", "repro", "--jobs", "2")
    assert recorded(third) == {"images/gan/0", "images/gan/1", "images/gan/2", "images/wgan_gp/0"}
    assert "0 jobs ran" in third.run("ganbench", "repro", "--jobs", "2")
    assert third.repro() == set(), "the closing stages were run, too"

    lock = (third.root / "dvc.lock").read_text(encoding="utf-8")
    shutil.rmtree(third.root / ".scratch")
    third.run("dvc", "repro", "--force", "--single-item", "train@gan-1")
    assert (third.root / "dvc.lock").read_text(encoding="utf-8") == lock, "alone it gives the same bytes"
