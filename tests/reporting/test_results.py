"""What is collected, and what is refused."""

import json
from pathlib import Path

import pytest

from ganbench.cell import Cell, floor_metrics, judge_metrics
from ganbench.errors import BenchError
from ganbench.params import Evaluate
from ganbench.reporting import scatter
from ganbench.reporting.results import NOT_RUN, collect
from ganbench.reporting.style import LIGHT

CELL = Cell("images", "dcgan", 0)


def refusal(params) -> str:
    with pytest.raises(BenchError) as error:
        collect(params)
    assert "\n" not in error.value.message
    return error.value.message


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_row_per_declared_cell_in_the_order_of_params(project):
    results = collect(project(pictures=False, seeds=[3, 0], variants=["wgan", "gan"], diverged={("gan", 0)}).write())
    frame = results.frame
    assert list(zip(frame["variant"], frame["seed"], frame["status"], strict=True)) == [
        ("wgan", 3, "finished"), ("wgan", 0, "finished"), ("gan", 3, "finished"), ("gan", 0, "diverged"),
    ]  # fmt: skip
    assert frame["images"].tolist() == [200_000, 200_000, 200_000, 78_976]
    assert frame["iteration"].tolist()[-1] == 1234
    assert frame["fid_judge_449"].isna().tolist() == [False, False, False, True]


def test_the_first_seed_that_finished_is_shown(project):
    diverged = {("gan", 0), ("wgan", 0), ("wgan", 1)}
    results = collect(project(pictures=False, seeds=[0, 1], variants=["gan", "wgan"], diverged=diverged).write())
    assert results.shown("gan") == Cell("images", "gan", 1)
    assert results.shown("wgan") is None


def test_files_of_a_variant_that_is_no_longer_declared_are_ignored(project):
    declared = project(pictures=False, variants=["gan", "dcgan"])
    declared.write()
    declared.variants = ["gan"]
    results = collect(declared.params())
    assert results.variants == ["gan"]
    assert set(results.frame["variant"]) == {"gan"}


@pytest.mark.parametrize(("accuracy", "weak"), [(0.1, True), (0.54, True), (0.56, False), (0.99, False)])
def test_a_judge_nearer_to_guessing_than_to_certainty_is_weak(project, accuracy, weak):
    params = project(pictures=False, variants=["gan"]).write()
    edit(judge_metrics("images"), test_accuracy=accuracy)  # of ten classes
    assert collect(params).judge_is_weak is weak


@pytest.mark.parametrize(("seeds", "rankable"), [([0], False), ([0, 1], False), ([0, 1, 2], True)])
def test_fewer_than_three_seeds_do_not_rank(project, seeds, rankable):
    assert collect(project(pictures=False, seeds=seeds, variants=["gan"]).write()).rankable is rankable


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (floor_metrics("images"), "dvc repro floor"),
        (judge_metrics("images"), "dvc repro judge"),
        (Path("data/prepared/images/meta.json"), "dvc repro prepare"),
    ],
)
def test_a_missing_file_is_named_with_the_command_that_makes_it(project, path, command):
    params = project(pictures=False, variants=["dcgan"]).write()
    path.unlink()
    message = refusal(params)
    assert message.startswith(f"{path}: no such file")
    assert command in message


@pytest.mark.parametrize("path", [CELL.metrics_path, CELL.train_dir / "status.json"])
def test_a_cell_that_was_not_trained_or_not_evaluated_has_not_run(project, path):
    params = project(pictures=False, seeds=[0, 1], variants=["dcgan"]).write()
    path.unlink()
    results = collect(params)
    assert results.frame["status"].tolist() == [NOT_RUN, "finished"]
    assert results.frame["reason"][0] == "dvc repro evaluate@dcgan-0"
    assert results.ran("dcgan") == [Cell("images", "dcgan", 1)]
    assert results.shown("dcgan") == Cell("images", "dcgan", 1)


def test_a_conditional_metric_of_the_floor_is_asked_of_no_variant_without_a_condition(project):
    results = collect(project(pictures=False, variants=["gan", "cgan"]).write())
    assert results.conditional == ["cgan"]
    assert results.frame["condition_accuracy_judge_449"].isna().tolist() == [True, False]


def test_damaged_json_is_refused(project):
    params = project(pictures=False, variants=["dcgan"]).write()
    CELL.metrics_path.write_text('{"status": ')
    assert "not readable as JSON" in refusal(params)
    CELL.metrics_path.write_text("[]")
    assert "expected a JSON object" in refusal(params)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "12", None, True])
def test_a_metric_that_is_no_finite_number_is_refused(project, value):
    params = project(pictures=False, variants=["dcgan"]).write()
    edit(CELL.metrics_path, fid_judge_449=value)
    assert f"fid_judge_449: {value!r}: expected a finite number" in refusal(params)


def test_a_finished_cell_that_lacks_a_metric_of_the_floor_is_refused(project):
    params = project(pictures=False, variants=["dcgan"]).write()
    edit(floor_metrics("images"), fid_judge_100=1.0)
    assert refusal(params) == (
        "results/metrics/images/dcgan/0.json: fid_judge_100: missing, but the real images have it; "
        "run dvc repro evaluate@dcgan-0"
    )


def test_metrics_of_an_older_training_are_refused(project):
    params = project(pictures=False, variants=["dcgan"]).write()
    edit(CELL.train_dir / "status.json", status="diverged")
    assert "'finished', but training diverged; run dvc repro evaluate@dcgan-0" in refusal(params)


@pytest.mark.parametrize(("key", "value"), [("status", "running"), ("images", None), ("iteration", "12")])
def test_a_status_that_makes_no_sense_is_refused(project, key, value):
    params = project(pictures=False, variants=["dcgan"]).write()
    edit(CELL.train_dir / "status.json", **{key: value})
    assert f"status.json: {key}: {value!r}" in refusal(params)


def of_fewer(params):
    """The floor is of 300 images, the cells are of 449."""
    path = floor_metrics("images")
    path.write_text(path.read_text().replace("_449", "_300"))
    images = params.images.model_copy(update={"evaluate": Evaluate(bound="training")})
    return params.model_copy(update={"images": images})


def test_a_floor_of_fewer_images_is_accepted_where_the_training_split_is_the_bound(project):
    params = project(pictures=False, variants=["dcgan"]).write()
    larger = of_fewer(params)
    assert "_300: missing, but the real images have it" in refusal(params)
    results = collect(larger)
    assert {"fid_judge_300", "fid_judge_449"} <= set(results.metrics)
    assert "fid_judge_449" not in results.real
    assert "fid_judge_300" not in results.of_cells
    assert "fid_judge_449" in results.of_cells


def test_a_family_that_the_real_images_have_is_wanted_of_cells_under_either_bound(project):
    params = of_fewer(project(pictures=False, variants=["dcgan"]).write())
    edit(floor_metrics("images"), vendi_judge_300=1.0)
    assert "vendi_judge_300: missing, but the real images have it" in refusal(params)


def test_figures_show_variants_without_a_floor_of_their_n(project):
    results = collect(of_fewer(project(pictures=False, variants=["dcgan", "gan"]).write()))
    axis = scatter.quality_diversity(results, LIGHT).axes[0]
    assert axis.get_xlabel().startswith("recall_judge_449_k5")
    assert "real" not in axis.get_legend_handles_labels()[1]
