"""What one machine pushes, another takes over without work."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ganbench.errors import BenchError
from ganbench.scaling.dvc import DVC, ask
from ganbench.scaling.share import push

PIPELINE = """
stages:
  judge:
    cmd: echo judge >> log && cp source weights && cp source accuracy.json
      && mkdir tables && cp source tables/0.json
    deps: [source]
    outs: [weights]
    metrics:
      - accuracy.json: {cache: false}
      - tables: {cache: false}
"""


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    Path("dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    Path("source").write_text("{}\n", encoding="utf-8")
    subprocess.run([*DVC, "init", "--no-scm", "--quiet"], check=True)
    subprocess.run([*DVC, "config", "core.analytics", "false"], check=True)


def test_a_stage_with_metrics_for_git_is_not_run_where_it_was_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("remote", "add", "--default", "store", str(tmp_path / "remote"))
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    ask("repro")
    assert push() == 2
    monkeypatch.chdir(tmp_path / "there")
    ask("repro", "--pull")
    assert not Path("log").exists()
    assert (
        Path("accuracy.json").read_text(encoding="utf-8") == Path("tables/0.json").read_text(encoding="utf-8") == "{}\n"
    )


def test_without_a_remote_it_says_so_in_one_line() -> None:
    ask("repro")
    with pytest.raises(BenchError, match="no remote") as raised:
        push()
    assert "\n" not in raised.value.message
