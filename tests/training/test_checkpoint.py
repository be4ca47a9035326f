"""A checkpoint is what was saved, or it is refused; one training at a time has it."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from ruamel.yaml import YAML
from safetensors.torch import save_file
from torch import Tensor

from ganbench.cell import scratch_dir
from ganbench.cli import main
from ganbench.params import Engine
from ganbench.training import identity
from ganbench.training.checkpoint import FILE, SHARE, Scratch
from ganbench.training.interruption import Stopped
from ganbench.training.leftovers import forget_finished, leftovers
from ganbench.training.sealed import DamagedError, read_notes, read_sealed, write_sealed

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")
FACTS = {"declaration": {"lr": 1e-3}, "threads": 1}
TENSORS = {"weights": torch.arange(6.0).view(2, 3), "step": torch.tensor(7)}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scratch(name: str = "images/gan/0", every: float = 60, **changes: object) -> Scratch:
    return Scratch(name, FACTS | changes, every)


def leave(done: float = 0.25, name: str = "images/gan/0", **changes: object) -> Path:
    """A checkpoint that a process left behind."""
    with scratch(name, **changes) as left:
        left.save(TENSORS, {"rows": [1, 2]}, done)
    return left.folder / FILE


def start(function: Callable[..., None], *args: object) -> multiprocessing.Process:
    process = multiprocessing.get_context("fork").Process(target=function, args=args)
    process.start()
    return process


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# the file


def test_tensors_come_back_bit_by_bit_and_notes_in_order(tmp_path: Path) -> None:
    tensors = {
        "float": torch.tensor([0.1, float("nan"), -0.0, float("inf")]),
        "bf16": torch.randn(3).bfloat16(),
        "scalar": torch.tensor(3),
        "nothing": torch.empty(0),
        "bool": torch.tensor([True, False]),
        "bytes": torch.arange(9, dtype=torch.uint8),
        "channels last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
    }
    tensors["the same memory"] = tensors["float"]
    tensors["a part of it"] = tensors["float"][1:]
    notes = {"z": 0.1 + 0.2, "a": [1, None, "é"]}
    write_sealed(tmp_path / "x", tensors, notes)
    found, read = read_sealed(tmp_path / "x")
    assert list(read.items()) == list(notes.items()) == list(read_notes(tmp_path / "x").items())
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert found[name].shape == tensor.shape
        bits = [value.contiguous().reshape(-1).view(torch.uint8) for value in (found[name], tensor)]
        assert torch.equal(*bits)


def test_any_cut_and_any_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_sealed(path, TENSORS, {"rows": [1, 2]})
    whole, rng = path.read_bytes(), random.Random(0)
    cuts = [whole[:length] for length in range(0, len(whole), 7)]
    flips = []
    for _ in range(200):
        flipped = bytearray(whole)
        flipped[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        flips.append(bytes(flipped))
    for damaged in [*cuts, *flips, whole + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(DamagedError):
            read_sealed(path)


def test_weights_without_a_seal_are_refused(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "x")
    with pytest.raises(DamagedError, match="without a seal"):
        read_sealed(tmp_path / "x")


def test_a_kill_while_writing_leaves_the_file_of_before_or_the_new_one(tmp_path: Path) -> None:
    path, rng = tmp_path / "x", random.Random(0)

    def write_for_ever() -> None:
        for number in range(1, 1_000_000):
            write_sealed(path, {"n": torch.full((50_000,), number)}, {"n": number})

    write_sealed(path, {"n": torch.full((50_000,), 0)}, {"n": 0})
    for _ in range(10):
        process, before = start(write_for_ever), read_notes(path)
        until(lambda before=before: read_notes(path) != before)
        time.sleep(rng.random() * 0.01)
        process.kill()
        process.join()
        tensors, notes = read_sealed(path)
        assert (tensors["n"] == notes["n"]).all()


# what it is kept under


def test_the_key_is_that_of_everything_that_determines_the_result() -> None:
    keys = {scratch().key, scratch(threads=2).key, scratch(declaration={"lr": 2e-3}).key, scratch(code="x").key}
    assert len(keys) == 4
    assert Scratch("images/gan/0", dict(reversed(FACTS.items())), 1).key == scratch().key, "in any order"


def test_what_the_stage_of_dvc_depends_on_is_part_of_the_code() -> None:
    stages = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    package = "src/ganbench/"
    for dependency in stages["train"]["deps"] + stages["train_translation"]["deps"]:
        if dependency.startswith(package):
            part = dependency.removeprefix(package)
            assert any(part == own or part.startswith(f"{own}/") for own in identity.CODE), part


def test_a_changed_line_of_code_or_another_thread_is_another_training(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ("package",)
    monkeypatch.setattr(identity, "PACKAGE", Path.cwd())
    file = Path("package/sub/net.py")
    file.parent.mkdir(parents=True)
    hashes = set()
    for text in ("a = 1\n", "a = 2\n"):
        file.write_text(text, encoding="utf-8")
        hashes.add(identity.code_hash(parts))
    file.rename("package/net.py")
    hashes.add(identity.code_hash(parts))
    (Path("package") / "notes.txt").write_text("no code", encoding="utf-8")
    hashes.add(identity.code_hash(parts))
    assert len(hashes) == 3
    before = identity.circumstances(Engine(), CPU, parts)
    torch.set_num_threads(2)
    after = identity.circumstances(Engine(checkpoint_seconds=1), CPU, parts)
    assert {name for name in before if before[name] != after[name]} == {"threads"}


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


# Ctrl-C and SIGTERM


@contextmanager
def no_handlers_left() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_obeyed_when_all_is_saved(number: int, code: int, capfd: pytest.CaptureFixture[str]) -> None:
    def train() -> None:
        with scratch() as mine:
            assert not mine.due()
            os.kill(os.getpid(), number)
            assert mine.due()
            mine.save(TENSORS, {}, 0.5)

    with no_handlers_left(), pytest.raises(Stopped) as stopped:
        train()
    assert stopped.value.code == code
    with scratch() as again:
        assert again.load() is not None
    first, last = capfd.readouterr().err.strip().splitlines()
    assert first == "images/gan/0: saves and stops after this round; again, and it stops at once"
    assert last == "images/gan/0: stopped with 50.0% done; the same command goes on from there"


def test_a_second_signal_is_obeyed_at_once() -> None:
    def train() -> None:
        with scratch():
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)

    with no_handlers_left(), pytest.raises(KeyboardInterrupt):
        train()


def test_a_finished_training_is_not_stopped() -> None:
    with no_handlers_left(), scratch() as mine:
        os.kill(os.getpid(), signal.SIGTERM)
        mine.save(TENSORS, {}, 1)


# what lies about


def test_the_next_stage_forgets_finished_trainings_of_its_cell_alone() -> None:
    leave(done=1)
    kept = {leave(done=1, name="images/gan/1", seed=1), leave(done=0.5, seed=2)}
    forget_finished("images/gan/0")
    assert set(scratch_dir().glob(f"*/{FILE}")) == kept


def test_clean_lists_and_removes_what_none_goes_on_from(tmp_path: Path) -> None:
    leave(done=1, name="images/dcgan/0", seed=3)
    unfinished, damaged = leave(done=0.25), leave(name="images/wgan/0", seed=4)
    damaged.write_bytes(b"damaged")
    running = start(hold_another, tmp_path)
    until((tmp_path / "holds").exists)
    (scratch_dir() / "tracking").mkdir()
    output = CliRunner().invoke(main, ["clean"]).output
    assert "removed  images/dcgan/0: 100.0% done, 0.0 MB, 0 h 0 min old\n" in output
    assert "removed  ?: nothing to go on from" in output
    assert "kept     images/gan/0: 25.0% done" in output
    assert {found.name for found in leftovers()} == {"images/gan/0", "images/gan/7"}
    output = CliRunner().invoke(main, ["clean", "--all"]).output
    assert f"kept     images/gan/7: 50.0% done, 0.0 MB, 0 h 0 min old; process {running.pid} on" in output
    assert not unfinished.exists()
    running.kill()
    running.join()
    CliRunner().invoke(main, ["clean", "--all"])
    assert [path.name for path in scratch_dir().iterdir()] == ["tracking"]


def hold_another(folder: Path) -> None:
    with scratch("images/gan/7", seed=7) as mine:
        mine.save(TENSORS, {}, 0.5)
        (folder / "holds").touch()
        time.sleep(60)


def test_tensors_of_the_checkpoint_do_not_change_with_the_training() -> None:
    weights: dict[str, Tensor] = {"w": torch.zeros(3)}
    with scratch() as mine:
        mine.save(weights, {})
        weights["w"] += 1
        found = mine.load()
    assert found is not None
    assert json.dumps(found[0]["w"].tolist()) == "[0.0, 0.0, 0.0]"
