"""A learning curve ends with the cell's own metrics and measures every snapshot as they are measured."""

import csv
import shutil

import numpy as np
import pytest
from digits_project import CPU, Project

from ganbench.errors import BenchError
from ganbench.evaluation.evaluate import evaluate_cell
from ganbench.evaluation.floor import evaluate_floor
from ganbench.params import Params
from ganbench.sampling import first_samples, sample_cell
from ganbench.training.run import train_cell
from ganbench.training.snapshots import read_moments

COUNTS = ["iteration", "images", "generator_steps"]


class Nobody:
    """Watches nothing."""

    def losses(self, reading) -> None: ...

    def picture(self, images, path) -> None: ...


def declared(condition: str = "none", snapshots: int = 3, samples: int = 150, curve_samples: int = 1000) -> Params:
    variant = {"network": {"mlp": {"width": 32}}, "objective": "non_saturating", "condition": condition}
    images = {
        "budget_kimg": 0.6,
        "training": {"batch_size": 20, "pictures": 1, "snapshots": snapshots},
        "sample": {"count": 200, "interpolations": 1},
        "evaluate": {"samples": samples, "curve_samples": curve_samples, "pupil": {"steps": 10}},
        "variants": {"dcgan": variant | {"tricks": {"ema": 0.1}}},
    }
    return Params.model_validate({"device": "cpu", "images": images})


def trained(project: Project, params: Params) -> None:
    train_cell(project.cell, params, Nobody())
    sample_cell(project.cell, params, CPU)
    evaluate_floor(params)


def evaluated(project: Project, params: Params) -> tuple[list[dict[str, str]], dict]:
    """The curve and the metrics."""
    metrics = evaluate_cell(project.cell, params)
    with (project.cell.evaluation_dir / "curve.csv").open() as file:
        return list(csv.DictReader(file)), metrics


@pytest.mark.parametrize("condition", ["none", "label"])
def test_the_curve_ends_with_the_metrics_and_draws_as_the_samples_were_drawn(project, condition):
    params = declared(condition)
    trained(project, params)
    first, *_, end = read_moments(project.cell)
    before = first_samples(project.cell, params, CPU, first, 150)
    rows, metrics = evaluated(project, params)
    assert [int(row["images"]) for row in rows] == [200, 400, 600]
    assert [int(row["generator_steps"]) for row in rows] == [10, 20, end.generator_steps]
    names = ["fid_judge_150", "precision_judge_150_k5", "recall_judge_150_k5"]
    names += ["condition_accuracy_judge_150"] if condition == "label" else []
    assert list(rows[0]) == COUNTS + names
    assert {name: float(rows[-1][name]) for name in names} == {name: metrics[name] for name in names}
    assert rows[0]["fid_judge_150"] != rows[-1]["fid_judge_150"]

    shutil.copy(project.cell.weights("generator"), first.path(project.cell))
    samples = np.load(project.cell.samples_dir / "samples.npz")["images"][:150]
    assert np.array_equal(first_samples(project.cell, params, CPU, first, 150), samples)
    assert not np.array_equal(before, samples)
    again, _ = evaluated(project, params)
    assert {name: again[0][name] for name in names} == {name: rows[-1][name] for name in names}


def test_a_curve_of_fewer_images_has_the_values_of_an_evaluation_of_as_many(project):
    trained(project, declared())
    rows, _ = evaluated(project, declared(curve_samples=60))
    evaluate_floor(declared(samples=60))
    metrics = evaluate_cell(project.cell, declared(samples=60))
    assert float(rows[-1]["fid_judge_60"]) == pytest.approx(metrics["fid_judge_60"], rel=1e-6)
    assert float(rows[-1]["recall_judge_60_k5"]) == metrics["recall_judge_60_k5"]


def test_without_snapshots_there_is_no_curve(project):
    params = declared(snapshots=0)
    trained(project, params)
    evaluate_cell(project.cell, params)
    assert not (project.cell.evaluation_dir / "curve.csv").exists()


def test_two_evaluations_give_the_same_curve(project):
    params = declared("label")
    trained(project, params)
    assert evaluated(project, params) == evaluated(project, params)


def test_a_missing_snapshot_or_a_damaged_table_is_refused(project):
    params = declared()
    trained(project, params)
    first = read_moments(project.cell)[0].path(project.cell)
    first.unlink()
    with pytest.raises(BenchError, match=r"000000200\.safetensors: no such file"):
        evaluate_cell(project.cell, params)
    (project.cell.train_dir / "snapshots.csv").write_text("iteration,images\n1,many\n")
    with pytest.raises(BenchError, match=r"snapshots\.csv: not a table of snapshots"):
        evaluate_cell(project.cell, params)


def test_too_few_images_for_the_neighbours_are_refused_by_key(project):
    with pytest.raises(BenchError, match=r"images\.evaluate\.curve_samples: 5: needs more than 5.*allowed: from 6"):
        evaluate_floor(declared(curve_samples=5))
