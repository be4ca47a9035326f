import json
import shutil
from pathlib import Path

import pytest
import torch

from ganbench.cell import Cell, floor_metrics, gaussian_metrics, judge_dir, project_root, scratch_dir
from ganbench.data.translation.domains import Domains
from ganbench.errors import BenchError
from ganbench.params import Choice, Judge, Params, Range
from ganbench.search import results
from ganbench.search import trial as trials
from ganbench.search.results import SEARCH
from ganbench.search.search import Request, parse_target, search

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recorded(monkeypatch) -> list[Cell]:
    """Cells that were recorded; MLflow is left out, and the picture, which takes longer than a trial here."""
    cells: list[Cell] = []
    monkeypatch.setattr(results, "render", lambda theme, draw: b"")
    monkeypatch.setattr(trials, "_record", lambda cell, params: cells.append(cell))
    return cells


def by_rate(cell, params):
    """The nearer the learning rate is to 1e-3, the better."""
    variant = params.points.variants[cell.variant]
    Path("trace.txt").write_text(str(cell), encoding="utf-8")
    return {"status": "finished", "w1_ring_100": abs(variant.optimizer.options["lr"] - 1e-3), "modes_ring_100": 3.0}


def request(trials=4, **options) -> Request:
    return Request("points", "gan", trials, **options)


def test_every_trial_is_a_cell_of_its_own_with_its_values(root, params, recorded):
    seen = []

    def run(cell, own):
        assert project_root() == root
        assert Path.cwd() != root
        assert list(own.points.variants) == [cell.variant]
        assert own.points.budget_kpoints == 7
        seen.append((cell, own.points.variants[cell.variant]))
        return by_rate(cell, own)

    said = []
    found = search(request(budget=7, seed=3), params, said.append, run)
    assert [str(cell) for cell, _ in seen] == [f"points/gan_trial_{number}/3" for number in range(4)]
    assert recorded == [cell for cell, _ in seen]
    for trial, (_, variant) in zip(found.trials, seen, strict=True):
        assert variant.optimizer.options["lr"] == trial.values["optimizer.lr"]
        assert variant.critic_steps == trial.values["critic_steps"]
        assert list(variant.optimizer.options["betas"]) == trial.values["optimizer.betas"]
    assert len(said) == 4
    assert said[0].startswith("trial 0: w1_ring_100 ")
    assert Path.cwd() == root


def test_nothing_is_left_in_the_project_but_the_record(root, params, recorded):
    search(request(), params, str, by_rate)
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    record = {f"{SEARCH}/points.png", f"{SEARCH}/points.csv", f"{SEARCH}/points/gan.json"}
    assert record <= files
    assert all(name.startswith(".scratch/search/") for name in files - record - {"results/metrics/points/real.json"})
    assert not (root / "trace.txt").exists()
    assert not [path for path in (scratch_dir() / "search/points/gan").iterdir() if path.is_dir()]


def test_a_search_that_is_stopped_goes_on_with_the_same_trial_in_the_same_folder(root, params, recorded):
    calls = []

    def run(cell, own):
        calls.append((str(cell), own.points.variants[cell.variant]))
        if len(calls) == 3:
            Path("checkpoint").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt
        if len(calls) == 4:
            assert Path("checkpoint").read_text(encoding="utf-8") == "half"
        return by_rate(cell, own)

    with pytest.raises(KeyboardInterrupt):
        search(request(), params, str, run)
    found = search(request(), params, str, run)
    assert calls[2] == calls[3]
    assert [trial.number for trial in found.trials] == [0, 1, 2, 3]
    assert len(calls) == 5
    assert found == search(request(), params, str, run)
    assert len(calls) == 5


def test_a_diverged_trial_is_recorded_as_such(root, params, recorded):
    def run(cell, own):
        return {"status": "diverged", "iteration": 3, "images": 9} if cell.variant.endswith("1") else by_rate(cell, own)

    said = []
    found = search(request(3), params, said.append, run)
    assert [trial.value is None for trial in found.trials] == [False, True, False]
    assert "diverged" in said[1]
    assert json.loads((SEARCH / "points/gan.json").read_text(encoding="utf-8"))["trials"][1]["value"] is None


def test_a_metric_of_which_more_is_better_is_maximised(root, params, recorded):
    def run(cell, own):
        return {"status": "finished", "modes_ring_100": float(own.points.variants[cell.variant].critic_steps)}

    found = search(request(5, metric="modes"), params, str, run)
    assert found.metric == "modes_ring_100"
    assert found.best.value == max(trial.values["critic_steps"] for trial in found.trials)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"metric": "fidd"}, "no such metric is known"),
        ({"metric": "discriminator_accuracy"}, "neither more nor less"),
        ({"metric": "fid"}, r"unknown metric 'fid'.*w1_ring_100"),
        ({"budget": 0.0}, "expected more than 0"),
        ({"budget": 0.001}, "budget_kpoints: 0.001"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(root, params, recorded, asked, said):
    with pytest.raises(BenchError, match=said):
        search(request(**asked), params, str, by_rate)
    assert not (root / ".scratch").exists()


def test_a_project_without_a_floor_is_told_what_to_run(root, params, recorded):
    (root / "results/metrics/points/real.json").unlink()
    with pytest.raises(
        BenchError, match=r"real\.json: not there, but every trial needs it; run dvc repro floor_points"
    ):
        search(request(), params, str, by_rate)


@pytest.mark.parametrize("text", ["gan", "points/", "/gan", "points/gan/0"])
def test_a_target_is_a_track_and_a_variant(text):
    with pytest.raises(BenchError, match="expected track/variant"):
        parse_target(text)
    assert parse_target("images/wgan_gp") == ("images", "wgan_gp")


def test_a_real_trial_trains_evaluates_and_stands_in_mlflow_beside_the_results(root, params):
    small = {"mlp": {"width": 8, "depth": 1, "latent": 2, "dropout": 0.0}}
    points = params.points.model_copy(update={
        "variants": {"gan": params.points.variants["gan"].model_copy(
            update={"network": Choice(name="mlp", options=small["mlp"])})},
        "search": {"gan": params.points.search["gan"]},
        "evaluate": params.points.evaluate.model_copy(update={"samples": 100}),
        "training": params.points.training.model_copy(update={"pictures": 1}),
    })  # fmt: skip
    gaussian_metrics("points").write_text(floor_metrics("points").read_text(encoding="utf-8"), encoding="utf-8")
    found = search(request(1, budget=2.56), params.model_copy(update={"points": points}), str)
    assert found.trials[0].value > 0
    assert not (root / "runs").exists()
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{root}/mlflow.db")
    experiment = client.get_experiment_by_name("points/ring/search")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.tags["ganbench.cell"] == f"points/gan_trial_0/{params.seeds[0]}"
    assert run.info.status == "FINISHED"
    assert run.data.metrics["w1_ring_100"] == pytest.approx(found.trials[0].value)
    assert Path(experiment.artifact_location.removeprefix("file://")).is_relative_to(root / "mlruns")


@pytest.fixture
def translations(root, small_domains, params) -> Params:
    """The project with domains, their judges and a floor, and ranges beside a game with no way back."""
    from ganbench.evaluation.judge import train_judge
    from ganbench.evaluation.translation.floor import translation_floor

    shutil.copytree(ROOT / "data/raw/shapes", "data/raw/shapes")
    small = {
        "network": Choice(name="unet", options={"width": 2}),
        "discriminator": Choice(name="patch", options={"receptive": 16, "width": 2}),
    }
    declared = params.translation
    section = declared.model_copy(update={
        "variants": {"pix2pix": declared.variants["pix2pix"].model_copy(update=small)},
        "search": {"pix2pix": {"optimizer.lr": Range(log=[1e-4, 1e-2]), "game.paired.l1": Range(uniform=[1.0, 100.0])}},
        "training": declared.training.model_copy(update={"pictures": 1}),
    })  # fmt: skip
    found = params.model_copy(update={"translation": section})
    domains, settings = Domains.open(small_domains), Judge(epochs=1, width=2)
    for name, store in (("a", domains.a), ("b", domains.b)):
        train_judge(store, settings, torch.device("cpu"), judge_dir("translation") / name, attributes=False)
    translation_floor(found)
    return found


def test_a_real_trial_of_translation_trains_translates_and_evaluates(root, translations, recorded):
    asked = Request("translation", "pix2pix", 1, budget=0.064)
    found = search(asked, translations, str)
    assert (found.metric, found.better, found.budget) == ("fid_judge_ab_12", "lower", 0.064)
    assert found.best.value > 0
    assert 1 <= found.best.values["game.paired.l1"] <= 100
    assert [str(cell) for cell in recorded] == [f"translation/pix2pix_trial_0/{translations.seeds[0]}"]
    assert not (root / "runs/translation/pix2pix_trial_0").exists()
    with pytest.raises(BenchError, match=r"--metric: unknown metric 'l1_ba_12'.*allowed: (?!.*_ba_).*l1_ab_12"):
        search(Request("translation", "pix2pix", 2, metric="l1_ba_12"), translations, str)


def test_a_track_that_is_not_declared_is_not_searched(root, params):
    with pytest.raises(BenchError, match=r"no such track: unknown track 'translation'; allowed: images, points"):
        search(Request("translation", "pix2pix", 1), params.model_copy(update={"translation": None}), str)
