"""One cell over two processes: the same numbers, one writer, and an end that is clear."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file

from ganbench.errors import BenchError
from ganbench.games.recipe import check_variants
from ganbench.params import Params

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOLERANCE = 1e-5
"""Of float32 losses and weights, relative to the largest: sums over two halves round otherwise than over the whole."""
CELL = Path("runs/images/gan/0/train")


def environment() -> dict[str, str]:
    left_out = ("RANK", "WORLD_SIZE", "GANBENCH_LAUNCHER", "MLFLOW_TRACKING_URI")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"OMP_NUM_THREADS": "1", "MLFLOW_TRACKING_URI": "sqlite:///none/mlflow.db"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, torch.Tensor]]:
    folder = tmp_path_factory.mktemp("played")
    for processes in ("1", "2"):
        command = [sys.executable, str(HERE / "two_ranks.py"), str(folder), processes]
        subprocess.run(command, check=True, env=environment(), timeout=300)
    return {path.stem: load_file(path) for path in folder.iterdir()}


def test_two_processes_play_every_composition_like_one(played: dict[str, dict[str, torch.Tensor]]) -> None:
    one, two = played["1-0"], played["2-0"]
    assert one.keys() == two.keys()
    for name, expected in one.items():
        gap = (two[name] - expected).abs().max() / expected.abs().max()
        assert gap < TOLERANCE, f"{name}: {gap:.1e}"


def test_both_processes_have_the_same_weights_to_the_bit(played: dict[str, dict[str, torch.Tensor]]) -> None:
    for name, value in played["2-1"].items():
        assert torch.equal(value, played["2-0"][name]), name
    assert [name for name in played["2-0"] if name not in played["2-1"]] == [
        "batch_norm/generator/shown",
        "pix2pix/generator_ab/shown",
    ]


def test_processes_that_cannot_share_the_batch_are_refused(small_params: Params) -> None:
    params = small_params.model_copy(update={"engine": small_params.engine.model_copy(update={"processes": 3})})
    with pytest.raises(BenchError, match=r"engine\.processes: 3: they can't share a batch of 16 equally"):
        check_variants(params)


class Stage:
    """``stages/train.py`` over two processes, in a project with a small store."""

    def __init__(self, root: Path, budget_kimg: float) -> None:
        self.root = root
        values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        values["device"] = "cpu"
        values["engine"] |= {"processes": 2, "checkpoint_seconds": 0.2}
        images = values["images"]
        images |= {"budget_kimg": budget_kimg, "variants": {"gan": images["variants"]["gan"]}}
        images["variants"]["gan"]["network"] = {"mlp": {"width": 16}}
        images["training"] |= {"log_every_kimg": 0.64, "pictures": 2}
        with (root / "params.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(values, file)

    def start(self, *by: str) -> subprocess.Popen[str]:
        """In the background; by its own launcher, or by another."""
        command = [sys.executable, *by, str(ROOT / "stages/train.py"), "images", "gan", "0"]
        return subprocess.Popen(command, cwd=self.root, env=environment(), text=True, stderr=subprocess.PIPE)

    def finish(self, *by: str) -> str:
        """Run it to its end; what it says on stderr."""
        stage = self.start(*by)
        _, said = stage.communicate(timeout=240)
        assert stage.returncode == 0, said
        return said

    def when_saved(self, stage: subprocess.Popen[str]) -> None:
        """Wait until there is a checkpoint."""
        deadline = time.monotonic() + 120
        while not list(self.root.glob(".scratch/*/checkpoint.safetensors")):
            assert stage.poll() is None, stage.stderr and stage.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def outputs(self) -> dict[str, bytes]:
        """All files of the cell."""
        folder = self.root / CELL
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def stage(small_store: Path) -> Iterator[Stage]:
    yield Stage(small_store.parents[2], budget_kimg=12.8)
    left = [path for path in Path("/proc").glob("[0-9]*/environ") if _stands_in(path, small_store.parents[2])]
    assert not left, "a process was left behind"


def _stands_in(environ: Path, root: Path) -> bool:
    try:
        return environ.with_name("cwd").readlink() == root and b"GANBENCH_LAUNCHER" in environ.read_bytes()
    except OSError:
        return False


def worker(stage: subprocess.Popen[str], rank: int) -> int:
    """Process id of one of the stage's workers."""
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            names = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if f"GANBENCH_LAUNCHER={stage.pid}".encode() in names and f"RANK={rank}".encode() in names:
            return int(path.parent.name)
    raise AssertionError("no such worker")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the workers by /proc")
def test_a_run_that_loses_a_worker_says_so_in_one_line_and_goes_on_to_the_bytes_of_torchrun(stage: Stage) -> None:
    running = stage.start()
    stage.when_saved(running)
    os.kill(worker(running, 1), signal.SIGKILL)
    start = time.monotonic()
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert time.monotonic() - start < 30
    errors = [line for line in re.split(r"[\r\n]", said) if line.startswith("Error")]
    assert errors == ["Error: process 1 of 2 was ended by SIGKILL; the same command goes on from the last checkpoint"]
    assert "Traceback" not in said
    assert not (stage.root / CELL).exists()

    assert "goes on from sample" in stage.finish()
    resumed = stage.outputs()
    assert {"generator.safetensors", "discriminator.safetensors", "history.csv", "status.json"} <= resumed.keys()
    shutil.rmtree(stage.root / CELL)
    shutil.rmtree(stage.root / ".scratch")
    assert "goes on" not in stage.finish("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    assert stage.outputs() == resumed


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the workers by /proc")
def test_asked_to_stop_it_saves_and_leaves_with_the_code_of_the_signal(stage: Stage) -> None:
    running = stage.start()
    stage.when_saved(running)
    running.send_signal(signal.SIGTERM)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGTERM, said
    assert "Error" not in said
    assert "the same command goes on from there" in said
