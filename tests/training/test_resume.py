"""A training that is killed, anywhere and any number of times, ends with the bytes of one that was not."""

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
import os
import random
import runpy
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML

from ganbench.cell import Cell, scratch_dir
from ganbench.params import Params, load
from ganbench.training.checkpoint import FILE, Scratch
from ganbench.training.reading import Reading
from ganbench.training.run import scratch_of, train_cell
from ganbench.training.trainer import Trainer

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "stages/train.py"
VARIANTS = list(YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))["images"]["variants"])


class KilledError(Exception):
    """Stands for a signal that no process outlives."""


class Watcher:
    """Remembers every step that it was told of."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.pictures: list[int] = []
        self.checkpoints = 0

    def losses(self, reading: Reading) -> None:
        self.rows.append(reading.images)

    def picture(self, images: int, path: Path) -> None:
        assert path.exists()
        self.pictures.append(images)

    def resumed(self, readings: Sequence[Reading], pictures: Mapping[int, Path]) -> None:
        assert not self.rows
        self.rows += [reading.images for reading in readings]
        self.pictures += [images for images, path in pictures.items() if path.exists()]

    def saved(self) -> None:
        self.checkpoints += 1


def digest(cell: Cell) -> dict[str, str]:
    files = sorted(path for path in cell.train_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(cell.train_dir)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def params(small_params: Params, small_store: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    """A third of the small budget, in a project of its own."""
    monkeypatch.delenv("DVC_ROOT", raising=False)
    training = small_params.images.training.model_copy(update={"log_every_kimg": 0.1, "pictures": 3})
    images = small_params.images.model_copy(update={"budget_kimg": 0.48, "training": training})
    return small_params.model_copy(update={"images": images})


@pytest.fixture
def kill_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Let the training die in its n-th round from now, at the start of it or when it is just over."""
    left: list[int | None] = [None]
    play_round = Trainer.play_round

    def dying(trainer: Trainer) -> None:
        if left[0] is None:
            return play_round(trainer)
        left[0] -= 1
        if left[0] < 0:
            raise KilledError
        play_round(trainer)
        if left[0] == 0 and trainer.iteration % 2:
            raise KilledError
        return None

    monkeypatch.setattr(Trainer, "play_round", dying)
    return lambda rounds: left.__setitem__(0, rounds)


def train(cell: Cell, params: Params) -> Watcher:
    watcher = Watcher()
    with scratch_of(cell, params) as scratch:
        train_cell(cell, params, watcher, scratch)
    return watcher


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_resumes_to_the_bit(
    variant: str, params: Params, kill_after: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell, rng = Cell("images", variant, 0), random.Random(variant)
    train_cell(cell, params, Watcher())
    unbroken = digest(cell)
    monkeypatch.setattr(Scratch, "due", lambda self: rng.random() < 0.5)
    resumed = 0
    for _ in range(3):
        kill_after(rng.randint(1, 4))
        torch.manual_seed(rng.randrange(1000))  # a new process knows nothing of the old one's
        try:
            train(cell, params)
        except KilledError:
            resumed += any(scratch_dir().glob(f"*/{FILE}"))
            continue
        break
    kill_after(None)
    watcher = train(cell, params)
    assert digest(cell) == unbroken
    assert resumed, "no checkpoint was ever written"
    with (cell.train_dir / "history.csv").open() as file:
        assert watcher.rows == [int(row["images"]) for row in csv.DictReader(file)], "each row once"
    assert watcher.pictures == [int(path.stem) for path in sorted((cell.train_dir / "pictures").iterdir())]


def test_a_finished_training_that_dvc_did_not_record_is_there_at_once(
    params: Params, kill_after: Callable[[int | None], None]
) -> None:
    cell = Cell("images", "dcgan", 0)
    train(cell, params)
    finished = digest(cell)
    cell.train_dir.rename("elsewhere")
    kill_after(0)
    train(cell, params)
    assert digest(cell) == finished


@pytest.mark.parametrize("damaged", [True, False])
def test_snapshots_are_the_same_after_a_kill_between_them(
    damaged: bool, params: Params, kill_after: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell, rounds = Cell("images", "gan", 0), iter(range(1, 100))
    train_cell(cell, params, Watcher())
    unbroken = digest(cell)
    assert sum(name.startswith("snapshots/") for name in unbroken) == 7
    monkeypatch.setattr(Scratch, "due", lambda self: next(rounds) == 9)
    kill_after(13)
    with pytest.raises(KilledError):
        train(cell, params)
    (checkpoint,) = scratch_dir().glob(f"*/{FILE}")
    assert len(list((checkpoint.parent / "kept").iterdir())) == 3, "one of them newer than the checkpoint"
    if damaged:
        checkpoint.write_bytes(b"damaged")
    kill_after(None)
    train(cell, params)
    assert digest(cell) == unbroken


def test_it_says_where_it_goes_on(
    params: Params,
    kill_after: Callable[[int | None], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cell = Cell("images", "gan", 0)
    monkeypatch.setattr(Scratch, "due", lambda self: True)
    kill_after(12)
    with pytest.raises(KilledError):
        train(cell, params)
    kill_after(None)
    capsys.readouterr()
    train(cell, params)
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "images/gan/0: goes on from sample 192 of 480"
    assert "40%" in " ".join(rest[:2]), "the bar begins there"


def test_a_training_that_diverges_does_so_again_after_a_kill(
    params: Params, kill_after: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = params.images.variants["gan"]
    wild = variant.model_copy(update={"optimizer": variant.optimizer.model_copy(update={"options": {"lr": 1e36}})})
    params = params.model_copy(update={"images": params.images.model_copy(update={"variants": {"gan": wild}})})
    cell = Cell("images", "gan", 0)
    train_cell(cell, params, Watcher())
    unbroken = digest(cell)
    assert json.loads((cell.train_dir / "status.json").read_text())["status"] == "diverged"
    monkeypatch.setattr(Scratch, "due", lambda self: True)
    kill_after(4)
    with pytest.raises(KilledError):
        train(cell, params)
    kill_after(None)
    train(cell, params)
    assert digest(cell) == unbroken


@pytest.mark.parametrize("what", ["labels", "pixels", "declaration", "seed"])
def test_a_checkpoint_of_other_data_or_another_declaration_is_not_taken(
    what: str, params: Params, small_store: Path
) -> None:
    cell = Cell("images", "gan", 0)
    before = scratch_of(cell, params).key
    if what == "labels":
        import pandas as pd

        table = pd.read_parquet(small_store / "train.parquet")
        table.assign(label=0).to_parquet(small_store / "train.parquet")
    elif what == "pixels":
        meta = json.loads((small_store / "meta.json").read_text(encoding="utf-8"))
        (small_store / "meta.json").write_text(json.dumps(meta | {"sha256": {"train": "f" * 64, "test": "1" * 64}}))
    elif what == "declaration":
        params = params.model_copy(update={"images": params.images.model_copy(update={"budget_kimg": 0.96})})
    else:
        cell = Cell("images", "gan", 1)
    assert scratch_of(cell, params).key != before


# the stage itself, in a process of its own


@pytest.fixture
def project(small_store: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    """params.yaml in the folder of the small store: long enough to be killed, checkpoints as often as they may be."""
    values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    images, variants = values["images"], values["images"]["variants"]
    images |= {"budget_kimg": 3.2, "training": {"batch_size": 16, "log_every_kimg": 0.16, "pictures": 10}}
    images["variants"] = {
        "gan": variants["gan"] | {"network": {"mlp": {"width": 16}}},
        "dcgan": variants["dcgan"] | {"network": {"dcgan": {"width": 4}}},
        "wgan_gp": variants["wgan_gp"] | {"network": {"dcgan": {"width": 4}}},
    }
    values |= {"device": "cpu", "seeds": [0], "engine": {"checkpoint_seconds": 0.001}}
    YAML().dump(values, Path("params.yaml"))
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setenv(
        "MLFLOW_TRACKING_URI", "nonsense://nowhere"
    )  # says so and goes on; tracking has tests of its own
    import mlflow  # noqa: F401 (here, as every process of the stage would take seconds for it)

    return load()


def written() -> float:
    """When the last checkpoint was."""
    return max((path.stat().st_mtime for path in scratch_dir().glob(f"*/{FILE}")), default=0)


def start(cell: Cell, log: Path) -> multiprocessing.Process:
    """What `dvc repro` calls, in a forked process, which has imported everything already."""

    def stage() -> None:
        with log.open("w", encoding="utf-8") as sys.stderr:
            os.dup2(sys.stderr.fileno(), 2)
            sys.argv = [str(STAGE), cell.track, cell.variant, str(cell.seed)]
            sys.path.insert(0, str(STAGE.parent))
            runpy.run_path(str(STAGE), run_name="__main__")

    process = multiprocessing.get_context("fork").Process(target=stage)
    process.start()
    return process


@pytest.mark.parametrize("variant", ["wgan_gp"])
def test_kill_9_at_random_moments_costs_no_bit(variant: str, project: Params, tmp_path: Path) -> None:
    cell, rng, log = Cell("images", variant, 0), random.Random(variant), tmp_path / "log"
    train_cell(cell, project, Watcher())
    unbroken = digest(cell)
    cell.train_dir.rename(tmp_path / "unbroken")
    resumed = kills = 0
    while True:
        before, process = written(), start(cell, log)
        if kills < 4:
            while process.is_alive() and written() == before:
                time.sleep(0.002)
            process.join(rng.random() * 0.4)
            kills += process.is_alive()
            process.kill()
        process.join()
        resumed += "goes on from sample" in log.read_text(encoding="utf-8")
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL, log.read_text(encoding="utf-8")
        assert not cell.train_dir.exists(), "nothing half-written is ever seen"
    assert digest(cell) == unbroken
    assert kills >= 1
    assert resumed >= 1


def test_ctrl_c_saves_and_the_next_run_goes_on(project: Params, tmp_path: Path) -> None:
    cell, log = Cell("images", "gan", 0), tmp_path / "log"
    train_cell(cell, project, Watcher())
    unbroken = digest(cell)
    process = start(cell, log)
    while process.is_alive() and not written():
        time.sleep(0.002)
    assert process.is_alive(), log.read_text(encoding="utf-8")
    os.kill(process.pid or 0, signal.SIGINT)
    process.join()
    said = log.read_text(encoding="utf-8")
    assert process.exitcode == 130, said
    assert "images/gan/0: stopped with" in said
    assert "Traceback" not in said
    process = start(cell, log)
    process.join()
    assert "goes on from sample" in log.read_text(encoding="utf-8")
    assert digest(cell) == unbroken
