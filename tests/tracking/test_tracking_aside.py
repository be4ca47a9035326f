"""Tracking in a process of its own records what tracking in this one would, and can't harm a stage."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from fake_cells import GAN as VARIANT
from fake_cells import STEPS, declare, losses_at, picture, write_finished
from ruamel.yaml import YAML
from test_tracking_live import pictures, steps
from test_tracking_record import GAN, runs

from ganbench.params import Params
from ganbench.tracking.aside import Aside
from ganbench.training.reading import Reading

DATA = "1" * 64


@pytest.fixture
def declared(project: Path) -> Params:
    """The project has a params.yaml of its own: the process reads it."""
    images = {"dataset": "digits", "resolution": 16, "budget_kimg": 2, "variants": {"gan": VARIANT}}
    with Path("params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump({"seeds": [0], "images": images}, file)
    return declare(gan=VARIANT)


def tell(aside: Aside, folder: Path, images: int) -> None:
    aside.losses(Reading(images // 64, images, losses_at(GAN, images)))
    now = picture(folder / "now.png")
    aside.picture(images, now)
    now.unlink()  # as the folder of a training is renamed at its end


def test_a_training_and_its_evaluation_are_one_complete_run(project: Path, declared: Params, tmp_path: Path) -> None:
    with Aside(GAN, DATA) as aside:
        for images in STEPS:
            tell(aside, tmp_path, images)
    (live,) = runs(project)
    assert (live.info.status, steps(project, live.info.run_id)) == ("RUNNING", list(STEPS))
    assert pictures(project, live.info.run_id) == len(STEPS)
    write_finished(GAN, declared)
    with Aside() as aside:
        aside.record(GAN, declared)
    (run,) = runs(project)
    assert (run.info.run_id, run.info.status) == (live.info.run_id, "FINISHED")
    assert steps(project, run.info.run_id) == list(STEPS)


def test_the_process_aside_needs_no_torch(
    declared: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_finished(GAN, declared)
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with Aside(GAN, DATA) as aside:
        aside.declare(GAN, declared)
        tell(aside, tmp_path, STEPS[0])
        aside.record(GAN, declared)
    imported = {line.split("|")[-1].strip() for line in capfd.readouterr().err.splitlines() if "|" in line}
    assert {"mlflow", "ganbench.tracking.live", "ganbench.tracking.model"} <= imported
    assert "torch" not in imported


def test_a_generator_that_can_not_be_tried_is_said_in_one_line_and_the_stage_goes_on(
    declared: Params, capfd: pytest.CaptureFixture[str]
) -> None:
    write_finished(GAN, declared)
    (GAN.train_dir / "generator_ema.safetensors").unlink(missing_ok=True)
    (GAN.train_dir / "generator.safetensors").write_bytes(b"damaged")
    with Aside() as aside:
        aside.record(GAN, declared)
    said = capfd.readouterr().err
    assert "tracking: " in said
    assert "not the weights of the declared network" in said
    assert "ganbench sync" in said


@pytest.mark.usefixtures("declared")
def test_a_training_that_fails_or_goes_on_says_so(project: Path, tmp_path: Path) -> None:
    def failing() -> None:
        with Aside(GAN, DATA) as aside:
            tell(aside, tmp_path, STEPS[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    (run,) = runs(project)
    assert run.info.status == "FAILED"
    with Aside(GAN, DATA) as aside:
        readings = [Reading(STEPS[0] // 64, STEPS[0], losses_at(GAN, STEPS[0]))]
        aside.resumed(readings, {STEPS[0]: picture(tmp_path / "before.png")})
        tell(aside, tmp_path, STEPS[1])
    (again,) = runs(project)
    assert again.info.run_id == run.info.run_id
    assert steps(project, again.info.run_id) == list(STEPS[:2])


@pytest.mark.usefixtures("declared")
def test_its_death_is_said_in_one_line_and_the_stage_goes_on(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Aside(GAN, DATA) as aside:
        os.kill(aside._process.pid, signal.SIGKILL)
        aside._process.wait()
        tell(aside, tmp_path, STEPS[0])
    (line,) = capfd.readouterr().err.splitlines()
    assert line == "tracking: its process ended with -9; `ganbench sync` can import the run later"


@pytest.mark.usefixtures("declared")
def test_when_the_stage_is_killed_the_run_stays_open_to_be_taken_up(project: Path, tmp_path: Path) -> None:
    aside = Aside(GAN, DATA).__enter__()
    tell(aside, tmp_path, STEPS[0])
    aside._messages.put(None)  # the pipe closes without a word
    assert aside._process.wait(60) == 0
    (run,) = runs(project)
    assert run.info.status == "RUNNING"
    assert run.data.tags["ganbench.process"].endswith(f":{os.getpid()}")
