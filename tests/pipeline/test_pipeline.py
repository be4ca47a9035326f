"""The real DVC pipeline in a temporary clone: what runs again, what comes back, what is the same to the byte."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from project import Project, cells_of, new_project, ran

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("pipeline")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = new_project(tmp_path_factory.mktemp("project"))
    first = made.repro()
    assert first == {"check", "prepare", "judge", "floor", "report", *cells_of("gan-0", "wgan_gp-0")}
    made.commit("results")
    return made


@pytest.fixture
def restored(project: Project):
    """The project, brought back to its committed state afterwards."""
    yield project
    project.run("git", "checkout", "--quiet", "--", ".")
    project.run("git", "clean", "-fdq", "results")
    project.run("dvc", "checkout", "--quiet", "--force")
    assert project.repro() == set()


def test_a_second_run_does_nothing_and_soon(project: Project) -> None:
    start = time.monotonic()
    assert project.repro() == set()
    assert time.monotonic() - start < 10


def test_the_run_leaves_a_report_a_table_and_one_run_a_cell(project: Project) -> None:
    assert (project.root / "results/report.html").stat().st_size > 10_000
    summary = json.loads((project.root / "results/summary.json").read_text())
    assert "gan" in json.dumps(summary)
    runs = project.runs()
    assert sorted(run["ganbench.cell"] for run in runs) == ["images/gan/0", "images/wgan_gp/0"]
    assert {run["status"] for run in runs} == {"FINISHED"}


def test_results_and_locks_are_for_git_and_weights_are_not(project: Project) -> None:
    tracked = project.run("git", "ls-files").splitlines()
    assert {"dvc.lock", "results/table.csv", "results/summary.json", "results/metrics/images/gan/0.json"} <= set(
        tracked
    )
    assert not [name for name in tracked if name.startswith(("runs/", "data/prepared/", "mlruns", "mlflow.db"))]
    assert project.run("git", "status", "--porcelain") == ""


def test_editing_one_variant_runs_that_variant_alone_and_undoing_restores_it(restored: Project) -> None:
    restored.edit(images__variants__gan__optimizer={"lr": 1e-3, "betas": [0.5, 0.999]})
    assert restored.repro() == {"check", "report", *cells_of("gan-0")}
    assert "images.variants.gan.optimizer.lr" in restored.run("dvc", "params", "diff")
    assert "results/metrics/images/gan/0.json" in restored.run("dvc", "metrics", "diff")
    restored.run("git", "checkout", "--quiet", "--", "params.yaml")
    output = restored.run("dvc", "repro")
    assert ran(output) == set()
    assert "cached" in output
    assert restored.run("git", "status", "--porcelain", "results", "dvc.lock") == ""


def test_a_change_of_layout_alone_runs_nothing_but_the_check(restored: Project) -> None:
    path = restored.root / "params.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("lr: 0.0002", "lr: 2e-4") + "\n# a remark\n", encoding="utf-8"
    )
    assert restored.repro() <= {"check"}


def test_adding_a_seed_runs_its_cells_alone(restored: Project) -> None:
    restored.edit(seeds=[0, 1])
    assert restored.repro("evaluate@gan-0", "evaluate@gan-1", "evaluate@wgan_gp-0") == {"check", *cells_of("gan-1")}


def test_two_clean_runs_one_warm_and_one_cold_give_the_same_bytes(project: Project, tmp_path: Path) -> None:
    again = new_project(tmp_path, cold=True)
    again.repro()
    assert (again.root / "dvc.lock").read_text() == (project.root / "dvc.lock").read_text()


def test_bad_input_is_refused_before_any_work(restored: Project) -> None:
    restored.edit(images__variants__gan__optimizer={"lrr": 1e-3})
    output = restored.run("dvc", "repro", expect=1)
    assert "params.yaml: images.variants.gan.optimizer.lrr: unknown key 'lrr' (did you mean 'lr'?)" in output
    assert "Traceback" not in output
    assert ran(output) == {"check"}
    restored.run("git", "checkout", "--quiet", "--", "params.yaml")
    restored.edit(images__dataset="dgits")
    output = restored.run("dvc", "repro", expect=1)
    assert "images.dataset" in output
    assert "did you mean 'digits'" in output
    assert "Traceback" not in output
    assert ran(output) == {"check"}


def test_a_cell_that_diverges_is_shown_as_failed_and_the_others_go_on(restored: Project) -> None:
    restored.edit(images__variants__gan__optimizer={"name": "sgd", "lr": 1e30})
    assert restored.repro() == {"check", "report", *cells_of("gan-0")}
    metrics = json.loads((restored.root / "results/metrics/images/gan/0.json").read_text())
    assert metrics["status"] == "diverged"
    assert metrics["iteration"] >= 1
    assert "diverged" in (restored.root / "results/report.html").read_text(encoding="utf-8")
    assert {run["status"] for run in restored.runs() if run["ganbench.cell"] == "images/gan/0"} == {
        "FINISHED",
        "FAILED",
    }


def test_experiments_change_one_value_and_can_be_queued(restored: Project) -> None:
    before = len(restored.runs())
    output = restored.run("dvc", "exp", "run", "-n", "faster", "-S", "images.variants.gan.optimizer.lr=1e-4")
    assert ran(output) == {"check", "report", *cells_of("gan-0")}
    restored.run("git", "checkout", "--quiet", "--", ".")
    restored.run("dvc", "checkout", "--quiet", "--force")
    slower = "images.variants.gan.optimizer.lr=1e-5"
    restored.run("dvc", "exp", "run", "--queue", "-n", "slower", "-S", slower, "evaluate@gan-0")
    restored.run("dvc", "exp", "run", "--run-all")
    shown = restored.run("dvc", "exp", "show", "--csv")
    assert "faster" in shown
    assert "slower" in shown
    assert len(restored.runs()) == before + 2, "the queued experiment recorded into the same database"
    restored.run("dvc", "plots", "diff", "HEAD", "faster", "--out", "plots")
    assert (restored.root / "plots/index.html").exists()
    shutil.rmtree(restored.root / "plots")


def test_a_remote_carries_results_to_a_fresh_clone_and_sync_imports_them(project: Project, tmp_path: Path) -> None:
    remote, clone = tmp_path / "remote", tmp_path / "clone"
    project.run("dvc", "remote", "add", "--force", "--default", "--local", "store", str(remote))
    project.run("dvc", "push", "--run-cache", "--quiet")
    project.run("git", "clone", "--quiet", str(project.root), str(clone))
    fresh = Project(clone)
    fresh.run("dvc", "remote", "add", "--default", "--local", "store", str(remote))
    fresh.run("dvc", "pull", "--quiet")
    assert not (clone / "mlflow.db").exists()
    assert "2 imported" in fresh.run("ganbench", "sync")
    assert "0 imported, 2 already there" in fresh.run("ganbench", "sync")
    assert {run["status"] for run in fresh.runs()} == {"FINISHED"}
    assert fresh.repro() == set()

    pulled = tmp_path / "pulled"
    project.run("git", "clone", "--quiet", str(project.root), str(pulled))
    other = Project(pulled)
    other.run("dvc", "remote", "add", "--default", "--local", "store", str(remote))
    assert other.repro("--pull") == set()
    assert (pulled / "results/report.html").exists()
