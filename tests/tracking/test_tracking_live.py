from __future__ import annotations

import time
from pathlib import Path

import pytest
from fake_cells import GAN as VARIANT
from fake_cells import STEPS, declare, losses_at, picture, write_curve, write_data, write_finished, write_history
from test_tracking_record import GAN, client, runs

from ganbench.params import Params
from ganbench.tracking.live import Live
from ganbench.tracking.record import record
from ganbench.training.reading import Reading

DATA = "1" * 64


def train(live: Live, folder: Path, steps: tuple[int, ...] = STEPS) -> None:
    """What the trainer tells: a picture at the start, then at each step losses and a picture."""
    live.picture(0, picture(folder / "0.png"))
    for images in steps:
        live.losses(Reading(images // 64, images, losses_at(GAN, images)))
        live.picture(images, picture(folder / "now.png"))


def steps(root: Path, run_id: str, name: str = "loss/discriminator") -> list[int]:
    return sorted(metric.step for metric in client(root).get_metric_history(run_id, name))


def pictures(root: Path, run_id: str) -> int:
    return sum(item.path.endswith(".png") for item in client(root).list_artifacts(run_id, "images"))


def test_a_training_is_seen_while_it_runs(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
        (run,) = runs(project)
        assert (run.info.status, run.info.run_name) == ("RUNNING", "gan/0")
        assert run.data.params["network"] == "mlp"
        assert run.data.metrics["loss/generator"] == losses_at(GAN, STEPS[-1])["generator"]
        assert steps(project, run.info.run_id) == list(STEPS)
        assert pictures(project, run.info.run_id) == 4


def test_losses_after_the_last_picture_are_not_lost(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path, STEPS[:1])
        live.losses(Reading(30, 1920, {"discriminator": float("nan")}))
    assert steps(project, runs(project)[0].info.run_id) == [STEPS[0], 1920]


def test_live_then_record_is_one_run_without_a_step_twice(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    (before,) = runs(project)
    write_finished(GAN, params)
    assert record(GAN, params)
    (after,) = runs(project)
    assert after.info.run_id == before.info.run_id
    assert after.info.status == "FINISHED"
    assert steps(project, after.info.run_id) == list(STEPS)
    assert steps(project, after.info.run_id, "fid_judge_449") == [0]
    assert pictures(project, after.info.run_id) == 4
    assert "ganbench.process" not in after.data.tags


def test_a_learning_curve_stands_at_the_times_of_the_losses(
    project: Path, params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000, 10**6, 60))
    with monkeypatch.context() as patch, Live(GAN, params, DATA) as live:
        patch.setattr("ganbench.tracking.live.time.time", lambda: next(clock))
        train(live, tmp_path)
    write_finished(GAN, params)
    write_curve(GAN, {320: 90.0, 1280: 40.0, 1900: 20.0, 1920: 12.5})
    record(GAN, params)
    run_id = runs(project)[0].info.run_id
    when = {loss.step: loss.timestamp for loss in client(project).get_metric_history(run_id, "loss/generator")}
    curve = {metric.step: metric.timestamp for metric in client(project).get_metric_history(run_id, "curve/fid")}
    assert curve == {320: when[640], 1280: when[1280], 1900: when[1280], 1920: when[1920]}
    assert len(set(when.values())) == 3


def test_the_duration_of_a_run_is_that_of_its_training(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    trained = int(time.time() * 1000)
    time.sleep(0.05)  # other cells train before this one is evaluated
    write_finished(GAN, params)
    record(GAN, params)
    (run,) = runs(project)
    assert run.info.start_time < run.info.end_time <= trained


def test_record_fills_in_what_the_live_run_missed(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path, STEPS[:1])
    write_finished(GAN, params)
    record(GAN, params)
    (run,) = runs(project)
    assert steps(project, run.info.run_id) == list(STEPS)
    assert pictures(project, run.info.run_id) == 4


def test_a_live_run_of_other_code_is_not_taken_for_this_one(project: Path, params: Params, tmp_path: Path) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    write_finished(GAN, params)
    write_history(GAN, {images: {"discriminator": 7.0, "generator": 7.0} for images in STEPS})
    record(GAN, params)
    (run,) = runs(project)
    assert run.data.metrics["loss/generator"] == 7.0
    assert steps(project, run.info.run_id) == list(STEPS)


@pytest.mark.parametrize("what", ["params", "data"])
def test_a_live_run_of_other_params_or_data_is_left_alone(
    what: str, project: Path, params: Params, tmp_path: Path
) -> None:
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    if what == "params":
        params = declare(gan=VARIANT | {"optimizer": {"lr": 3e-4}})
    else:
        write_data(seed=4)
    write_finished(GAN, params)
    record(GAN, params)
    assert sorted(run.info.status for run in runs(project)) == ["FINISHED", "RUNNING"]


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "KILLED"), (ValueError, "FAILED")])
def test_an_interrupted_training_says_so_and_makes_way_for_the_next(
    error: type[BaseException], status: str, project: Path, params: Params, tmp_path: Path
) -> None:
    def interrupted() -> None:
        with Live(GAN, params, DATA) as live:
            train(live, tmp_path, STEPS[:2])
            raise error

    with pytest.raises(error):
        interrupted()
    assert [run.info.status for run in runs(project)] == [status]
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    write_finished(GAN, params)
    record(GAN, params)
    (run,) = runs(project)
    assert (run.info.status, steps(project, run.info.run_id)) == ("FINISHED", list(STEPS))


def test_a_training_that_fails_before_its_first_event_leaves_no_run(project: Path, params: Params) -> None:
    with pytest.raises(ValueError, match="no data"), Live(GAN, params, DATA):
        raise ValueError("no data")
    assert not (project / "mlruns").exists()


@pytest.mark.parametrize("change", [{}, {"critic_steps": 2}], ids=["resumed", "edited"])
def test_a_killed_training_leaves_no_step_twice_and_no_run_open(
    change: dict[str, int], project: Path, params: Params, tmp_path: Path
) -> None:
    from tracking_workers import start

    process = start("train_and_wait", change, tmp_path)
    while process.is_alive() and not (tmp_path / "waiting").exists():
        time.sleep(0.05)
    process.kill()
    process.join()
    assert [run.info.status for run in runs(project)] == ["RUNNING"]
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    write_finished(GAN, params)
    record(GAN, params)
    finished, *others = sorted(runs(project), key=lambda run: str(run.info.status))
    assert (finished.info.status, steps(project, finished.info.run_id)) == ("FINISHED", list(STEPS))
    assert [run.info.status for run in others] == (["KILLED"] if change else [])


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "sqlite:////nowhere/at/all/mlflow.db", "nonsense://x"])
def test_an_unusable_store_costs_no_training_and_is_said_once(
    uri: str,
    project: Path,
    params: Params,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    start = time.monotonic()
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    assert time.monotonic() - start < 10
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tracking: ")
    assert line.endswith("; `ganbench sync` can import the run later")
    assert uri.split("://")[1].lstrip("/").removesuffix("/mlflow.db") in line


def test_a_queued_experiment_records_at_the_root(
    project: Path, params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "temporary"
    copy.mkdir()
    monkeypatch.chdir(copy)
    monkeypatch.setenv("DVC_ROOT", str(project))
    write_data()
    with Live(GAN, params, DATA) as live:
        train(live, tmp_path)
    write_finished(GAN, params)
    record(GAN, params)
    (run,) = runs(project)
    assert run.info.artifact_uri.startswith(project.as_uri())
    assert pictures(project, run.info.run_id) == 4
    assert not {"mlflow.db", "mlruns", ".scratch"} & {path.name for path in copy.iterdir()}
