"""DVC's own words, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganbench.errors import BenchError
from ganbench.scaling.dvc import ask, explanation


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ask("init", "--no-scm", "--quiet")
    Path("dvc.yaml").write_text("stages:\n  one:\n    cmd: echo\n")
    Path("dvc.lock").write_text("schema: '2.0'\nstages:\n  one:\n    cmd: echo\n")


@pytest.mark.parametrize("name", ["dvc.yaml", "dvc.lock"])
def test_of_a_file_with_marks_of_a_merge_its_name_and_the_line_are_said(pipeline, name):
    whole = Path(name).read_text()
    Path(name).write_text(whole.replace("    cmd", "<<<<<<< HEAD\n    cmd"))
    with pytest.raises(
        BenchError,
        match=rf"^dvc dag --dot: {name}: invalid \(possible merge conflicts\): .*, in line \d+, column \d+$",
    ):
        ask("dag", "--dot")


def test_what_a_stage_or_dvc_calls_an_error_comes_first():
    assert explanation("ERROR: failed\nError: params.yaml: seeds: 'a'\nlast") == "params.yaml: seeds: 'a'"
    assert explanation("ERROR: failed\nlast") == "failed"
    assert explanation("one\n\nlast\n") == "last"
    assert explanation("") == "no output"
