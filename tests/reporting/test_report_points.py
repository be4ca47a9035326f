"""The section of the track `points`, made of a real training."""

import csv
import json
from pathlib import Path

import pytest
from fabricated import Project

from ganbench.evaluation.points.evaluate import evaluate_floor, evaluate_points
from ganbench.params import Params, Points
from ganbench.reporting.report import write
from ganbench.reporting.results import collect
from ganbench.training.points import train_points

SMALL = {"mlp": {"width": 8, "depth": 1, "latent": 2, "dropout": 0.0}}
POINTS = {
    "dataset": "mixture_1d",
    "budget_kpoints": 0.32,
    "training": {"batch_size": 16, "log_every_kpoints": 0.16, "pictures": 1},
    "evaluate": {"samples": 40},
    # a variant of images has the same name
    "variants": {"gan": {"network": SMALL, "objective": "non_saturating"}},
}


@pytest.fixture
def declared(project: type[Project]) -> Params:
    params = project(variants=["gan"]).write()
    params = params.model_copy(update={"points": Points.model_validate(POINTS), "device": "cpu"})
    evaluate_floor(params)
    train_points("gan", params)
    evaluate_points("gan", params)
    return params


@pytest.mark.usefixtures("undrawn")
def test_page_table_summary_and_figures_cover_points(declared: Params) -> None:
    write(declared)
    page = Path("results/report.html").read_text()
    assert 'id="points-gan"' in page
    assert "w1_<wbr>mixture_<wbr>1d_<wbr>40" in page
    with Path("results/table.csv").open() as file:
        rows = {(row["track"], row["variant"]): row for row in csv.DictReader(file)}
    both = {(track, name) for track in ("images", "points") for name in ("gan", "real")}
    assert set(rows) == both | {("points", "ceiling"), ("points", "gaussian")}
    assert float(rows["points", "ceiling"]["w1_mixture_1d_40"]) == 0
    assert rows["points", "gan"]["fid_judge_449"] == rows["images", "gan"]["w1_mixture_1d_40"] == ""
    summary = json.loads(Path("results/summary.json").read_text())
    assert set(summary["points"]) == {"gan", "real", "ceiling", "gaussian"}
    assert summary["points"]["gan"]["w1_mixture_1d_40"] == pytest.approx(
        float(rows["points", "gan"]["w1_mixture_1d_40"])
    )
    assert Path("results/figures/points_samples.png").stat().st_size
    assert Path("results/figures/points_metrics.png").stat().st_size


def test_variants_of_the_same_name_on_two_tracks_stay_apart(declared: Params) -> None:
    found = collect(declared)
    assert {cell.track for cell in found.cells("gan")} == {"images"}
    assert found.points is not None
    assert {cell.track for cell in found.points.cells("gan")} == {"points"}
    assert not set(found.metrics) & set(found.points.metrics)


@pytest.mark.usefixtures("undrawn")
def test_points_of_which_nothing_has_run_are_said_to_be_so(project: type[Project]) -> None:
    params = project(variants=["gan"]).write()
    params = params.model_copy(update={"points": Points.model_validate(POINTS)})
    write(params)
    page = Path("results/report.html").read_text()
    assert "None of its cells has run" in page
    assert "dvc repro evaluate_points@gan" in page
