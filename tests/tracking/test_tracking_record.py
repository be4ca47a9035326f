from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pytest
from fake_cells import STEPS, losses_at, write_curve, write_diverged, write_finished, write_history, write_json
from mlflow import MlflowClient
from mlflow.entities import Run

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.sampling import load_generator, render
from ganbench.tracking.record import record, record_quietly

GAN = Cell("images", "gan", 0)
WGAN = Cell("images", "wgan_gp", 0)


def client(root: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{root / 'mlflow.db'}")


def runs(root: Path, name: str = "images/digits") -> list[Run]:
    experiment = client(root).get_experiment_by_name(name)
    assert experiment is not None
    return list(client(root).search_runs([experiment.experiment_id]))


@pytest.fixture
def run(project: Path, params: Params) -> Run:
    write_finished(WGAN, params)
    assert record(WGAN, params)
    (run,) = runs(project)
    return run


def test_a_run_is_finished_and_named_after_its_cell(run: Run) -> None:
    assert (run.info.status, run.info.run_name) == ("FINISHED", "wgan_gp/0")


def test_a_run_has_flat_params_with_defaults_filled_in(run: Run) -> None:
    wanted = {
        "variant": "wgan_gp",
        "seed": "0",
        "dataset": "digits",
        "resolution": "16",
        "budget_kimg": "2.0",
        "batch_size": "64",
        "network": "mlp",
        "network.width": "8",
        "network.dropout": "0.3",
        "objective": "wasserstein",
        "constraint": "gradient_penalty",
        "constraint.gradient_penalty": "10.0",
        "tricks": "none",
        "condition": "none",
        "critic_steps": "5",
        "optimizer": "adam",
        "optimizer.betas": "(0.0, 0.9)",
        "optimizer.lr": "0.0001",
        "lr": "0.0001",
        "evaluate.neighbours": "5",
        "prepare.filter": "lanczos",
    }
    assert {name: run.data.params.get(name) for name in wanted} == wanted


def test_losses_stand_at_the_number_of_images_seen(run: Run, project: Path) -> None:
    history = client(project).get_metric_history(run.info.run_id, "loss/discriminator")
    assert {m.step: m.value for m in history} == {i: losses_at(WGAN, i)["discriminator"] for i in STEPS}
    assert len(history) == len(STEPS)


def test_final_metrics_stand_at_step_0_for_bars_and_on_the_model(run: Run, project: Path) -> None:
    (metric,) = client(project).get_metric_history(run.info.run_id, "fid_judge_449")
    assert (metric.value, metric.step) == (12.5, 0)
    assert "status" not in run.data.metrics
    (model,) = client(project).search_logged_models([run.info.experiment_id])
    assert {m.key: m.value for m in model.metrics} == {"fid_judge_449": 12.5, "kid_judge_449": 0.125}


def test_pictures_share_one_key_and_files_are_attached(run: Run, project: Path) -> None:
    def files(folder: str) -> list[str]:
        return [Path(item.path).name for item in client(project).list_artifacts(run.info.run_id, folder)]

    full = [name for name in files("images") if name.endswith(".png")]
    assert sorted(int(name.split("step")[1].strip("+%").split("+")[0].split("%")[0]) for name in full) == [0, *STEPS]
    assert all(name.startswith("fixed_noise") for name in full)
    assert files("samples") == ["grid.png", "interpolation.png"]
    assert files("evaluation") == ["discriminator.png", "neighbours_pixel.png", "record.json"]
    assert files("train") == ["history.csv"]


def test_learning_curves_stand_at_the_images_seen(project: Path, params: Params) -> None:
    write_finished(GAN, params)
    fids = {900: 40.0, 1920: 12.5}
    write_curve(GAN, fids)
    record(GAN, params)
    (run,) = runs(project)
    logged = client(project).get_metric_history(run.info.run_id, "curve/fid")
    assert {metric.step: metric.value for metric in logged} == fids
    assert run.data.metrics["curve/precision"] == 0.5
    assert "curve.csv" in {Path(i.path).name for i in client(project).list_artifacts(run.info.run_id, "evaluation")}


def test_a_cell_whose_curve_is_still_to_come_is_not_finished(project: Path, params: Params) -> None:
    write_finished(GAN, params)
    write_curve(GAN, {1920: 12.5})
    (GAN.evaluation_dir / "curve.csv").unlink()
    with pytest.raises(BenchError, match="is not finished"):
        record(GAN, params)


def test_data_are_told_by_the_hashes_of_their_splits(run: Run) -> None:
    contexts = {i.tags[0].value: (i.dataset.name, i.dataset.digest) for i in run.inputs.dataset_inputs}
    assert contexts == {"training": ("digits", "1" * 12), "evaluation": ("digits", "2" * 12)}


def test_tags_tell_key_hashes_floor_and_commit(project: Path, params: Params) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "empty"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    write_finished(WGAN, params)
    record(WGAN, params)
    tags = runs(project)[0].data.tags
    assert tags["ganbench.cell"] == "images/wgan_gp/0"
    assert tags["ganbench.status"] == "finished"
    assert len(tags["ganbench.key"]) == len(tags["ganbench.sha256.train/generator.safetensors"]) == 64
    assert tags["floor.fid_judge_449"] == "1.25"
    assert "| fid_judge_449 | 12.5 | 1.25 |" in tags["mlflow.note.content"]
    assert tags["mlflow.source.git.commit"] == head


def test_a_saved_view_of_the_run_table_shows_params_and_metrics(run: Run, project: Path) -> None:
    experiment = client(project).get_experiment(run.info.experiment_id)
    view = json.loads(experiment.tags["mlflow.sharedViewState.comparison"])
    columns = json.loads(view["state"])["selectedColumns"]
    assert {"params.`lr`", "params.`objective`", "metrics.`fid_judge_449`"} <= set(columns)
    names = {**run.data.params, **run.data.metrics}
    assert all(column.split("`")[1] in names for column in columns)
    assert f"#/experiments/{experiment.experiment_id}/runs?" in experiment.tags["mlflow.note.content"]


def test_artifacts_lie_below_the_root(run: Run, project: Path) -> None:
    assert run.info.artifact_uri.startswith((project / "mlruns" / "images" / "digits").as_uri())


@pytest.mark.parametrize("cell", [GAN, WGAN], ids=["averaged", "raw"])
def test_the_logged_generator_draws_what_the_trained_one_draws(cell: Cell, project: Path, params: Params) -> None:
    import torch

    write_finished(cell, params)
    record(cell, params)
    latents = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32)
    device = torch.device("cpu")
    wanted = render(load_generator(cell, params, device), torch.from_numpy(latents), device)
    (model,) = client(project).search_logged_models([runs(project)[0].info.experiment_id])
    drawn = mlflow.pyfunc.load_model(model.artifact_location).predict(latents)
    assert (model.name, model.source_run_id, str(model.status)) == ("generator", runs(project)[0].info.run_id, "READY")
    assert drawn.shape == (3, 16, 16, 1)
    np.testing.assert_array_equal(drawn, wanted)


def test_recording_twice_changes_nothing(run: Run, project: Path, params: Params) -> None:
    assert not record(WGAN, params)
    (again,) = runs(project)
    assert again.to_dictionary() == run.to_dictionary()


def test_other_metrics_are_another_run(run: Run, project: Path, params: Params) -> None:
    write_json(WGAN.metrics_path, {"status": "finished", "fid_judge_449": 11.0})
    assert record(WGAN, params)
    assert sorted(r.data.metrics["fid_judge_449"] for r in runs(project)) == [11.0, 12.5]
    assert len({r.data.tags["ganbench.key"] for r in runs(project)}) == 2


def test_a_diverged_cell_is_a_failed_run(project: Path, params: Params) -> None:
    write_diverged(GAN, params)
    assert record(GAN, params)
    assert not record(GAN, params)
    (run,) = runs(project)
    assert run.info.status == "FAILED"
    assert run.data.tags["ganbench.status"] == "diverged"
    assert run.data.tags["ganbench.diverged_at_iteration"] == "30"
    assert "discriminator is nan at iteration 30" in run.data.tags["mlflow.note.content"]
    assert math.isnan(run.data.metrics["loss/discriminator"])
    assert not client(project).search_logged_models([run.info.experiment_id])


def test_a_recording_that_was_cut_off_is_made_anew(
    project: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_finished(GAN, params)

    def cut(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ganbench.tracking.contents.log_generators", cut)
        with pytest.raises(KeyboardInterrupt):
            record(GAN, params)
    assert runs(project)[0].info.status == "RUNNING"
    assert record(GAN, params)
    (run,) = runs(project)
    assert run.info.status == "FINISHED"
    assert len(client(project).get_metric_history(run.info.run_id, "loss/generator")) == len(STEPS)


def test_a_cell_that_is_not_finished_is_refused(project: Path, params: Params) -> None:
    with pytest.raises(BenchError, match=r"gan/0\.json: images/gan/0 is not finished"):
        record(GAN, params)


def test_a_damaged_history_is_refused_by_line(project: Path, params: Params) -> None:
    write_finished(GAN, params)
    write_history(GAN, {64: {"discriminator": 1.0, "generator": 1.0}})
    with (GAN.train_dir / "history.csv").open("a") as file:
        file.write("2,a lot,1,1\n")
    with pytest.raises(BenchError, match=r"history\.csv: line 3"):
        record(GAN, params)


def test_record_quietly_says_once_what_is_wrong(
    project: Path, params: Params, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_finished(GAN, params)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////nowhere/at/all/mlflow.db")
    assert not record_quietly(GAN, params)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tracking: ")
    assert "/nowhere/at/all" in line
    assert "ganbench sync" in line


def test_a_deleted_experiment_is_named_with_the_way_out(run: Run, project: Path, params: Params) -> None:
    client(project).delete_experiment(run.info.experiment_id)
    with pytest.raises(BenchError, match="images/digits was deleted"):
        record(WGAN, params)
