"""A training that goes on from a checkpoint goes on in its run: no step twice, no run left open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_cells import STEPS, losses_at, picture, write_finished
from mlflow.entities import Run
from test_tracking_live import DATA, pictures, steps, train
from test_tracking_record import GAN, client, runs

from ganbench.params import Params
from ganbench.tracking.live import Live
from ganbench.tracking.record import record
from ganbench.training.reading import Reading


def reading(images: int, shift: float = 0.0) -> Reading:
    return Reading(images // 64, images, {name: loss + shift for name, loss in losses_at(GAN, images).items()})


def go_on(live: Live, folder: Path, checkpoint: Sequence[int], shift: float = 0.0) -> None:
    """What the trainer tells when it has loaded a checkpoint that knows these steps, until it is done."""
    drawn = {images: picture(folder / f"{images}.png") for images in (0, *checkpoint)}
    live.resumed([reading(images, shift) for images in checkpoint], drawn)
    for images in STEPS:
        if images not in checkpoint:
            live.losses(reading(images, shift))
            live.picture(images, picture(folder / "now.png"))
            live.saved()


def recorded(project: Path, params: Params) -> Run:
    write_finished(GAN, params)
    record(GAN, params)
    (run,) = runs(project)
    return run


@pytest.fixture
def killed(project: Path, tmp_path: Path) -> Run:
    """A run that followed a training for two steps, until kill -9."""
    from tracking_workers import start

    process = start("train_and_wait", {}, tmp_path)
    while process.is_alive() and not (tmp_path / "waiting").exists():
        time.sleep(0.05)
    process.kill()
    process.join()
    (run,) = runs(project)
    assert (run.info.status, steps(project, run.info.run_id)) == ("RUNNING", list(STEPS[:2]))
    return run


@pytest.mark.parametrize("known", [1, 2, 3], ids=["less than the run", "as much", "more"])
def test_the_run_goes_on_whatever_the_checkpoint_knows(
    known: int, killed: Run, project: Path, params: Params, tmp_path: Path
) -> None:
    with Live(GAN, params, DATA) as live:
        go_on(live, tmp_path, STEPS[:known])
        (run,) = runs(project)
        assert (run.info.run_id, run.info.status) == (killed.info.run_id, "RUNNING")
        assert run.data.tags["ganbench.process"] != killed.data.tags["ganbench.process"]
        assert steps(project, run.info.run_id) == list(STEPS)
        assert pictures(project, run.info.run_id) == 4
    run = recorded(project, params)
    assert (run.info.run_id, run.info.status) == (killed.info.run_id, "FINISHED")
    assert steps(project, run.info.run_id) == list(STEPS)
    assert pictures(project, run.info.run_id) == 4
    assert "ganbench.process" not in run.data.tags


def test_a_training_that_was_asked_to_stop_goes_on_in_its_run(project: Path, params: Params, tmp_path: Path) -> None:
    def stopped() -> None:
        with Live(GAN, params, DATA) as live:
            train(live, tmp_path, STEPS[:2])
            raise SystemExit(143)

    with pytest.raises(SystemExit):
        stopped()
    (before,) = runs(project)
    assert before.info.status == "KILLED"
    with Live(GAN, params, DATA) as live:
        go_on(live, tmp_path, STEPS[:2])
    run = recorded(project, params)
    assert (run.info.run_id, run.info.status) == (before.info.run_id, "FINISHED")
    assert steps(project, run.info.run_id) == list(STEPS)
    assert run.info.end_time > before.info.end_time


def test_a_finished_training_that_was_not_recorded_adds_nothing(project: Path, params: Params, tmp_path: Path) -> None:
    for _ in range(2):
        with Live(GAN, params, DATA) as live:
            go_on(live, tmp_path, STEPS)
    (run,) = runs(project)
    assert steps(project, run.info.run_id) == list(STEPS)
    assert recorded(project, params).info.run_id == run.info.run_id


def test_a_run_that_saw_other_losses_is_replaced(killed: Run, project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        go_on(live, tmp_path, STEPS[:1], shift=0.5)
    (run,) = runs(project)
    assert run.info.run_id != killed.info.run_id
    assert steps(project, run.info.run_id) == list(STEPS)
    history = client(project).get_metric_history(run.info.run_id, "loss/generator")
    assert {loss.step: loss.value for loss in history} == {
        images: losses_at(GAN, images)["generator"] + 0.5 for images in STEPS
    }


def test_without_its_run_a_training_gets_a_new_one_with_all_that_was(
    project: Path, params: Params, tmp_path: Path
) -> None:
    with Live(GAN, params, DATA) as live:
        go_on(live, tmp_path, STEPS[:2])
    (run,) = runs(project)
    assert steps(project, run.info.run_id) == list(STEPS)
    assert pictures(project, run.info.run_id) == 4
