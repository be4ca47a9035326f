"""`ganbench repro` on a small pipeline of shell commands, run by the real DVC."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from ganbench.errors import BenchError
from ganbench.params import load
from ganbench.scaling import repro
from ganbench.scaling.dvc import DVC
from ganbench.scaling.repro import Options, reproduce

ROOT = Path(__file__).parents[2]
PIPELINE = """
stages:
  prepare:
    cmd: mkdir -p runs && cp source prepared && echo prepare >> log
    deps: [source]
    outs: [prepared]
  train:
    matrix: {variant: [gan, wgan], seed: [0, 1]}
    cmd: echo train ${item.variant} ${item.seed} $OMP_NUM_THREADS$MALLOC_MMAP_MAX_ >> log
      && test ! -e stop_${item.variant}_${item.seed} && cp prepared runs/${item.variant}_${item.seed}.pt
    deps: [prepared]
    outs: ["runs/${item.variant}_${item.seed}.pt"]
  evaluate:
    matrix: {variant: [gan, wgan], seed: [0, 1]}
    cmd: cp runs/${item.variant}_${item.seed}.pt runs/${item.variant}_${item.seed}.json
    deps: ["runs/${item.variant}_${item.seed}.pt"]
    outs: ["runs/${item.variant}_${item.seed}.json"]
  report:
    cmd: cat runs/*.json > report && echo report >> log
    deps: [runs]
    outs: [report]
"""
"""The log has each training's number of threads and, beside it, the 0 of memory that is kept."""
TWO_JOBS = Options(jobs=2, threads=1)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repro, "warm", lambda environment: nullcontext({}))  # no stage here imports anything
    shutil.copy(ROOT / "params.yaml", "params.yaml")
    Path("dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    Path("source").write_text("a\n", encoding="utf-8")
    subprocess.run([*DVC, "init", "--no-scm", "--quiet"], check=True)
    subprocess.run([*DVC, "config", "core.analytics", "false"], check=True)


def log() -> list[str]:
    """What the stages noted since the last call."""
    path = Path("log")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_a_failed_cell_leaves_the_others_done_and_only_what_is_missing_runs_the_next_time() -> None:
    Path("stop_gan_1").touch()
    report = reproduce(load(), TWO_JOBS)
    assert [outcome.task.name for outcome in report.failed] == ["train@gan-1"]
    assert "failed to run" in str(report)
    done = log()
    assert done[0] == "prepare"
    assert sorted(done[1:]) == ["train gan 0 10", "train gan 1 10", "train wgan 0 10", "train wgan 1 10"]
    assert not report.finished
    assert not Path("report").exists()

    Path("stop_gan_1").unlink()
    report = reproduce(load(), TWO_JOBS)
    assert (len(report.outcomes), report.up_to_date, report.finished) == (1, 3, True)
    assert log() == ["train gan 1 10", "report"]
    assert Path("report").read_text(encoding="utf-8") == "a\n" * 4

    assert str(reproduce(load(), TWO_JOBS)) == "0 jobs ran, 0 came from the cache, 4 were up to date"
    assert log() == []


def test_of_targets_only_they_and_what_they_need_run() -> None:
    report = reproduce(load(), Options(jobs=2, threads=1, targets=("evaluate@gan-*",)))
    assert (len(report.outcomes), report.finished) == (2, True)
    assert sorted(log()) == ["prepare", "train gan 0 10", "train gan 1 10"]
    assert not Path("report").exists()
    with pytest.raises(BenchError, match="unknown stage 'evalate'"):
        reproduce(load(), Options(targets=("evalate",)))


def test_a_failure_before_the_cells_is_said_in_one_line() -> None:
    Path("source").unlink()
    with pytest.raises(BenchError, match="prepare"):
        reproduce(load(), TWO_JOBS)
