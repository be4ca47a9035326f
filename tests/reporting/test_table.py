"""Means, intervals and counts against scipy and by hand."""

import csv
import io
import json
import math
import statistics

import pytest
from scipy import stats

from ganbench.cell import Cell
from ganbench.reporting.results import collect
from ganbench.reporting.table import rows, to_csv, to_summary
from ganbench.statistics.interval import Mean, mean

FID = "fid_judge_449"


def metric_of(seed: int, variant: str, name: str = FID) -> float:
    return json.loads(Cell("images", variant, seed).metrics_path.read_text())[name]


def table(results) -> dict[str, dict[str, str]]:
    return {row["variant"]: row for row in csv.DictReader(io.StringIO(to_csv(results)))}


def test_two_seeds_give_the_interval_computed_by_hand():
    # s = √2, t(.975, 1) = tan(.475 π) = 12.7062, half = 12.7062 · √2 / √2
    assert mean([1.0, 3.0]).half == pytest.approx(math.tan(0.475 * math.pi), rel=1e-9)


def test_one_seed_has_no_interval():
    assert mean([3.5]) == Mean(3.5, None, 1)


def test_equal_seeds_have_an_interval_of_width_zero():
    assert mean([0.25, 0.25, 0.25]) == Mean(0.25, 0.0, 3)


def test_the_table_holds_means_and_intervals_of_the_cells(project):
    results = collect(project(pictures=False, seeds=[0, 1, 2], variants=["dcgan", "gan"]).write())
    values = [metric_of(seed, "dcgan") for seed in (0, 1, 2)]
    low, high = stats.t.interval(0.95, 2, loc=statistics.mean(values), scale=stats.sem(values))
    row = table(results)["dcgan"]
    assert (row["seeds"], row["failed"], row["failed_at"], row["images"]) == ("3", "0", "", "200000")
    assert float(row[FID]) == pytest.approx(statistics.mean(values), rel=5e-6)
    assert (float(row[f"{FID}_low"]), float(row[f"{FID}_high"])) == pytest.approx((low, high), rel=5e-6)


def test_the_interval_of_one_seed_is_empty_in_the_table(project):
    row = table(collect(project(pictures=False, variants=["gan"]).write()))["gan"]
    assert float(row[FID]) == pytest.approx(metric_of(0, "gan"), rel=5e-6)
    assert row[f"{FID}_low"] == row[f"{FID}_high"] == ""


def test_rows_stand_in_the_order_of_params_and_the_floor_is_last(project):
    results = collect(project(pictures=False, variants=["wgan_gp", "gan", "dcgan"]).write())
    assert list(table(results)) == ["wgan_gp", "gan", "dcgan", "real"]
    real = table(results)["real"]
    assert float(real[FID]) == pytest.approx(results.real[FID], rel=5e-6)
    assert real["seeds"] == real["discriminator_accuracy_449"] == real[f"{FID}_low"] == ""


def test_a_diverged_seed_is_counted_and_is_in_no_mean(project):
    results = collect(project(pictures=False, seeds=[0, 1, 2], variants=["dcgan"], diverged={("dcgan", 1)}).write())
    row = table(results)["dcgan"]
    assert (row["seeds"], row["failed"], row["failed_at"]) == ("3", "1", "1234")
    values = [metric_of(seed, "dcgan") for seed in (0, 2)]
    assert float(row[FID]) == pytest.approx(statistics.mean(values), rel=5e-6)
    assert rows(results)[0].means[FID].n == 2


def test_a_variant_whose_seeds_all_diverged_has_a_row_without_numbers(project):
    results = collect(
        project(pictures=False, seeds=[0, 1], variants=["gan", "wgan"], diverged={("wgan", 0), ("wgan", 1)}).write()
    )
    row = table(results)["wgan"]
    assert (row["seeds"], row["failed"], row["failed_at"], row["images"]) == ("2", "2", "1234 1234", "")
    assert all(value == "" for key, value in row.items() if "_judge_" in key or key.startswith("nn_"))


def test_a_seed_that_has_not_run_is_counted_and_is_in_no_mean(project):
    results = collect(project(pictures=False, seeds=[0, 1, 2], variants=["dcgan", "gan"], not_run={("dcgan", 1), *(
        ("gan", seed) for seed in range(3))}).write())  # fmt: skip
    made = table(results)
    assert [made[name]["not_run"] for name in ("dcgan", "gan", "real")] == ["1", "3", ""]
    values = [metric_of(seed, "dcgan") for seed in (0, 2)]
    assert float(made["dcgan"][FID]) == pytest.approx(statistics.mean(values), rel=5e-6)
    assert made["gan"][FID] == made["gan"]["images"] == ""
    summary = json.loads(to_summary(results))["images"]
    assert summary["gan"] == {"seeds": 3, "diverged": 0, "not_run": 3}
    assert "not_run" in summary["dcgan"]


def test_generator_steps_are_rounds_times_the_steps_of_a_round(project):
    results = collect(project(pictures=False, variants=["gan", "wgan"]).write())
    declaration = results.params.images.variants["wgan"].model_copy(update={"generator_steps": 2})
    results.params.images.variants["wgan"] = declaration
    assert [row.steps for row in rows(results)] == [3125, 6250]


def test_the_summary_has_means_counts_floor_and_judge(project):
    diverged = {("dcgan", 2), ("wgan", 0), ("wgan", 1), ("wgan", 2)}
    results = collect(
        project(pictures=False, seeds=[0, 1, 2], variants=["gan", "dcgan", "wgan"], diverged=diverged).write()
    )
    summary = json.loads(to_summary(results))
    assert list(summary) == ["images", "real", "judge"]
    assert summary["images"]["wgan"] == {"seeds": 3, "diverged": 3}
    dcgan = summary["images"]["dcgan"]
    assert (dcgan["seeds"], dcgan["diverged"]) == (3, 1)
    assert dcgan[FID] == pytest.approx(statistics.mean([metric_of(0, "dcgan"), metric_of(1, "dcgan")]), rel=5e-6)
    assert summary["real"][FID] == pytest.approx(results.real[FID], rel=5e-6)
    assert summary["judge"]["test_accuracy"] == 0.98667


def test_numbers_have_six_significant_digits(project):
    row = table(collect(project(pictures=False, variants=["gan"]).write()))["gan"]
    assert row[FID] == f"{metric_of(0, 'gan'):.6g}"
