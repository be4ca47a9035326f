"""Checkpoints that lie about."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from scratches import TENSORS, leave, scratch, start, until

from ganbench.cell import scratch_dir
from ganbench.cli import main
from ganbench.training.checkpoint import FILE
from ganbench.training.leftovers import forget_finished, leftovers

pytestmark = pytest.mark.usefixtures("project")


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
