"""What DVC made quick writes and reads is what DVC itself writes and reads."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from dvc import dvcfile
from dvc.dependency import param
from dvc.fs import LocalFileSystem
from dvc.utils.serialize import dumps_yaml, modify_yaml
from ruamel.yaml import YAML

from ganbench.scaling import quick_dvc
from ganbench.scaling.dvc import DVC, ask

DVC_ITSELF = (sys.executable, "-m", "dvc")


def quick(path: Path) -> Any:
    return quick_dvc.modified_lock(path, modify_yaml, dumps_yaml)


def refused(path: Path) -> Any:
    raise AssertionError(f"{path} went DVC's own way")


VALUES: list[Any] = [
    None, True, -3, 1.0, 1e-4, 1e-05, 1e300, float("inf"), "", "null", "true", "yes", "1", "1e-3", "- a", "a: b",
    "a #b", " a", "'a'", "é", "*a", "%a", "2024-01-01", "word " * 40, "python stages/train.py " + "long" * 30 + " 0",
    "two\nlines", [], {}, [None], [[]], [[1, None], {"a": None}],
    {"a": None, "b": [None, {"c": None}]}, {"yes": 2, "": 1, "a b": 3},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_lock_is_written_as_dvc_writes_it(tmp_path: Path, value: Any) -> None:
    theirs, ours = tmp_path / "theirs.lock", tmp_path / "dvc.lock"
    for path, modified in ((theirs, modify_yaml), (ours, quick)):
        for name in ("one", "two", "one"):  # anew, appended, and in the place of what was there
            with modified(path) as data:
                data.update({"schema": "2.0"})
                data["stages"] = data.get("stages", {})
                a, b, c = (deepcopy(value) for _ in range(3))
                data["stages"].update({name: {"cmd": a, "params": {"params.yaml": {"key": b}}, "deps": [c]}})
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema: '2.0'\nstages: {}\n",
        "schema: '2.0'\nstages:\n",
        "schema: '2.0'\nstages:\n# by hand\n  one:\n    cmd: echo\n",
        "schema: '2.0'\nstages:\n  one:\n    cmd: echo # by hand\n",
        "schema: '2.0'\nstages:\n    one:\n        cmd: echo\n",
        "stages:\n  one:\n    cmd: echo\nschema: '2.0'\n",
        "schema: '2.0'\nstages:\n  one:\n    cmd: echo\ndatasets:\n- name: a\n",
        "schema: '2.0'\nstages:\n  {one: {cmd: echo}}\n",
        "schema: '2.0'\nstages:\n  one:\n    cmd: >\n      a\n\n      b\n",
    ],
)
def test_a_lock_that_dvc_did_not_write_is_changed_as_dvc_changes_it(tmp_path: Path, text: str) -> None:
    theirs, ours = tmp_path / "theirs.lock", tmp_path / "dvc.lock"
    for path, modified in ((theirs, modify_yaml), (ours, quick)):
        path.write_text(text, encoding="utf-8")
        with modified(path) as data:
            data.update({"schema": "2.0"})
            data["stages"] = data.get("stages") or {}
            data["stages"].update({"two": {"cmd": "echo 2"}})
    assert ours.read_text() == theirs.read_text()


def test_a_stage_can_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "dvc.lock"
    path.write_text("schema: '2.0'\nstages:\n  one:\n    cmd: a\n  two:\n    cmd: b\n", encoding="utf-8")
    with quick(path) as data:
        del data["stages"]["one"]
    assert path.read_text() == "schema: '2.0'\nstages:\n  two:\n    cmd: b\n"


@pytest.mark.parametrize("stage", ["check", "report", "prepare", "train@gan-0"])
def test_the_lock_of_the_project_is_left_to_the_byte(tmp_path: Path, stage: str) -> None:
    lock = Path(__file__).parents[2] / "dvc.lock"
    copy = tmp_path / "dvc.lock"
    copy.write_bytes(lock.read_bytes())
    with quick_dvc.modified_lock(copy, refused, dumps_yaml) as data:
        data["stages"].update(deepcopy({stage: data["stages"][stage]}))
    assert copy.read_bytes() == lock.read_bytes()


@pytest.mark.parametrize(
    "keys",
    [["a"], ["a.b"], ["a.b.c", "d"], ["missing", "a.missing", "d"], ["list.0"], ["list"], ["empty"], ["numbers.1"], []],
    ids=str,
)
def test_values_are_found_as_dvc_finds_them(tmp_path: Path, keys: list[str]) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(
        "a: {b: {c: 1.0e-4}, e: null}\nd: [1, two]\nlist: [{x: 1}, 2]\nempty:\nnumbers: {1: 2}\n", encoding="utf-8"
    )
    expected = param.read_param_file(LocalFileSystem(), str(path), keys, flatten=True)
    found = quick_dvc.values_of(str(path), keys)
    assert found is None or found == expected
    assert (found is None) == (keys in (["list.0"], ["numbers.1"], []))


def test_values_follow_the_file(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    for value in ("1", "20"):
        path.write_text(f"a: {value}\n", encoding="utf-8")
        assert quick_dvc.values_of(str(path), ["a"]) == {"a": int(value)}
    path.write_text("a: [\n", encoding="utf-8")
    assert quick_dvc.values_of(str(path), ["a"]) is None


def test_a_text_is_parsed_once_and_every_caller_may_change_what_he_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    monkeypatch.setattr(quick_dvc, "LOAD", lambda yaml, text: parsed.append(text) or load(yaml, text))
    load, text = YAML.load, "parsed: {once: [1, 2]}\n"
    for _ in range(2):
        found = quick_dvc.load_once(YAML(typ="safe"), text)
        assert found == {"parsed": {"once": [1, 2]}}
        found["parsed"]["once"].append(3)
    assert parsed == [text]
    assert quick_dvc.load_once(YAML(), "a: 1 # kept\n").ca.items
    assert quick_dvc.load_once(YAML(typ="safe"), "parsed: {once: [1, 3]}\n") == {"parsed": {"once": [1, 3]}}


def test_this_version_of_dvc_has_what_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = ((dvcfile, "modify_yaml"), (param, "read_param_file"), (YAML, "load"))
    for place, name in replaced:
        monkeypatch.setattr(place, name, getattr(place, name))
    before = [getattr(place, name) for place, name in replaced]
    quick_dvc.make_quick()
    assert all(getattr(place, name) is not old for (place, name), old in zip(replaced, before, strict=True))


def test_a_pipeline_is_locked_to_the_same_byte_by_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks = []
    for name, command in (("theirs", DVC_ITSELF), ("ours", DVC)):
        project = tmp_path / name
        project.mkdir()
        monkeypatch.chdir(project)
        for text, file in ((STAGES, "dvc.yaml"), ("a: {b: 1, c: null}\nunused: 2\n", "params.yaml")):
            (project / file).write_text(textwrap.dedent(text), encoding="utf-8")
        subprocess.run([*DVC_ITSELF, "init", "--no-scm", "--quiet"], check=True)
        subprocess.run([*command, "repro", "--quiet"], check=True)
        (project / "params.yaml").write_text("a: {b: 2, c: null}\nunused: 3\n", encoding="utf-8")
        again = subprocess.run([*command, "repro"], check=True, capture_output=True, text=True).stdout
        assert "Stage 'one' didn't change" in again
        assert "Running stage 'two@x'" in again
        assert ask("status") == "Data and pipelines are up to date.\n"
        locks.append((project / "dvc.lock").read_bytes())
    assert locks[0] == locks[1]


STAGES = """\
stages:
  one:
    cmd: echo one > one.txt
    params: [a.c]
    outs: [one.txt]
  two:
    matrix: {item: [x, y]}
    cmd: cp one.txt ${item.item}.txt
    deps: [one.txt]
    params: [a]
    outs: ["${item.item}.txt"]
"""
