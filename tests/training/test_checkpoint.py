"""A checkpoint is what was saved, or it is refused; one training at a time has it."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from scratches import FACTS, TENSORS, leave, scratch, start, until
from torch import Tensor

from ganbench.training.checkpoint import FILE, SHARE, Scratch

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("project")


# what it is kept under


def test_the_key_is_that_of_everything_that_determines_the_result() -> None:
    keys = {scratch().key, scratch(threads=2).key, scratch(declaration={"lr": 2e-3}).key, scratch(code="x").key}
    assert len(keys) == 4
    assert Scratch("images/gan/0", dict(reversed(FACTS.items())), 1).key == scratch().key, "in any order"


def test_it_lies_at_the_root_where_neither_git_nor_dvc_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.chdir(temporary)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    with scratch() as mine:
        assert mine.folder.parent == tmp_path / ".scratch"
    assert not list(temporary.iterdir())
    for name in (".gitignore", ".dvcignore"):
        ignored = (ROOT / name).read_text(encoding="utf-8").split()
        assert {".scratch", "/.scratch/"} & set(ignored), name


# loading


def test_what_was_saved_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    leave()
    with scratch() as again:
        found = again.load()
    assert found is not None
    tensors, notes = found
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert notes == {"rows": [1, 2]}
    assert capsys.readouterr().err == ""


def test_a_new_training_starts_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    leave(name="images/gan/1")
    with scratch() as new:
        assert new.load() is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied"])
def test_a_damaged_checkpoint_is_refused_in_one_line(damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = leave()
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes({"cut": content[:-5], "flipped": content, "emptied": b""}[damage])
    with scratch() as again:
        assert again.load() is None
        again.save(TENSORS, {}, 0.5)
        assert again.load() is not None
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"images/gan/0: .*checkpoint\.safetensors: damaged .* \(.+\); training starts over", line)


def test_a_checkpoint_of_another_training_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    other = leave(name="images/dcgan/3", declaration="another")
    mine = leave()
    other.replace(mine)
    with scratch() as again:
        assert again.load() is None
    assert "of another training refused (images/dcgan/3); training starts over" in capsys.readouterr().err


def test_what_changed_since_the_last_checkpoint_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    leave(done=0.25)
    with scratch(threads=4, code="new") as changed:
        assert changed.load() is None
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "images/gan/0: a checkpoint with 25.0% done was made with other threads, code; training starts at the beginning"
    )


def test_files_that_are_kept_belong_to_the_next_checkpoint_and_others_go() -> None:
    with scratch() as mine:
        mine.keep("a", lambda path: path.write_text("first"))
        mine.save(TENSORS, {}, 0.5)
        mine.keep("b", lambda path: path.write_text("after the checkpoint"))
    with scratch() as again:
        assert again.load() is not None
        assert [path.name for path in again.kept("a").parent.iterdir()] == ["a"]
        assert again.kept("a").read_text() == "first"
        again.keep("b", lambda path: path.write_text("anew"))
        again.save(TENSORS, {}, 0.75)
        assert again.load() is not None
        assert {path.name for path in again.kept("a").parent.iterdir()} == {"a", "b"}


@pytest.mark.parametrize("damage", ["gone", "changed", "the checkpoint"])
def test_without_a_file_that_belongs_to_it_a_checkpoint_is_refused(
    damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scratch() as mine:
        mine.keep("a", lambda path: path.write_text("first"))
        mine.keep("b", lambda path: path.write_text("second"))
        mine.save(TENSORS, {}, 0.5)
    if damage == "gone":
        mine.kept("a").unlink()
    elif damage == "changed":
        mine.kept("a").write_text("other")
    else:
        (mine.folder / FILE).write_bytes(b"damaged")
    with scratch() as again:
        assert again.load() is None
        assert not list(again.kept("a").parent.iterdir()), "the training starts over without them"
        again.save(TENSORS, {}, 0.1)
        assert again.load() is not None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("; training starts over")


# when it is due


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    yield now
    monkeypatch.undo()


def test_a_checkpoint_is_due_once_an_interval(clock: list[float]) -> None:
    with scratch(every=60) as mine:
        found = []
        for _ in range(300):
            clock[0] += 1
            found.append(mine.due())
            if found[-1]:
                mine.save({}, {})
    assert [second for second, due in enumerate(found, 1) if due] == [60, 120, 180, 240, 300]


def test_slow_checkpoints_come_less_often(clock: list[float]) -> None:
    """Three seconds each, from the state's way off the device to the disk."""
    spent, began = 0.0, clock[0]
    with scratch(every=60) as mine:
        while clock[0] - began < 3000:
            clock[0] += 1
            if mine.due():
                clock[0] += 3
                spent += 3
                mine.save({}, {})
    assert spent / (clock[0] - began) <= SHARE * 1.1


def test_of_several_processes_one_writes() -> None:
    with scratch() as first:
        second = Scratch("images/gan/0", FACTS, 1e-9, writes=False)
        with second:
            assert second.load() is None
            assert not second.due()
            second.save(TENSORS, {}, 0.5)
            assert second.load() is None
            first.save(TENSORS, {}, 0.5)
            assert second.load() is not None


# one at a time


def hold(folder: Path, every: float = 60) -> None:
    """A training that holds its scratch until it is killed."""
    with scratch(every=every) as mine:
        mine.save(TENSORS, {"by": "the first"}, 0.5)
        (folder / "holds").touch()
        time.sleep(60)


def test_the_second_process_says_who_is_first_waits_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = start(hold, tmp_path)
    until((tmp_path / "holds").exists)
    threading.Timer(0.5, first.kill).start()
    with scratch() as second:
        assert not first.is_alive()
        found = second.load()
    assert found is not None
    assert found[1] == {"by": "the first"}
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"images/gan/0: process {first.pid} on {os.uname().nodename} is training it; waiting until that is done"
    )


def test_tensors_of_the_checkpoint_do_not_change_with_the_training() -> None:
    weights: dict[str, Tensor] = {"w": torch.zeros(3)}
    with scratch() as mine:
        mine.save(weights, {})
        weights["w"] += 1
        found = mine.load()
    assert found is not None
    assert json.dumps(found[0]["w"].tolist()) == "[0.0, 0.0, 0.0]"
