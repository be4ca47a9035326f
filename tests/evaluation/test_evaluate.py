import json
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from digits_project import declared

import ganbench.sampling
from ganbench.cell import METRICS, floor_dir, floor_metrics, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.evaluate import evaluate_cell
from ganbench.evaluation.floor import evaluate_floor
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.protocol import Protocol
from ganbench.params import Pupil

ROOT = Path(__file__).resolve().parents[2]
FILES = {"neighbours_pixel.png", "neighbours_feature.png", "discriminator.png", "record.json"}


class Brightness(torch.nn.Module):
    """Calls an image real where it is dark."""

    def forward(self, images):
        return -images.mean(dim=(1, 2, 3))


@pytest.fixture(autouse=True)
def _discriminator(monkeypatch):
    monkeypatch.setattr(ganbench.sampling, "load_discriminator", lambda cell, params, device: (Brightness(), None))


def noisy(project, strength: float, count: int = 200) -> np.ndarray:
    """Held-out digits under noise: a generator of known quality."""
    images = Store.open(prepared_dir("images")).images("test")[-count:]
    noise = np.random.default_rng(0).normal(0, strength, images.shape)
    return (images + noise).round().clip(0, 255).astype(np.uint8)


def evaluated(project, strength: float) -> dict:
    project.write_samples(noisy(project, strength))
    return evaluate_cell(project.cell, project.params)


def test_the_floor_has_the_same_metrics_as_a_cell_but_for_the_discriminator_and_what_was_asked_for(project):
    floor = evaluate_floor(project.params)
    cell = evaluated(project, 20)
    assert json.loads(floor_metrics("images").read_text()) == {"status": "real", **floor}
    assert json.loads(project.cell.metrics_path.read_text()) == cell
    of_the_discriminator = {name for name in cell if name.startswith("discriminator_")}
    assert set(floor) - (set(cell) - of_the_discriminator - {"status"}) == {
        *(
            "condition_accuracy_judge_150",
            "intra_fid_judge_150",
            "tstr_accuracy_150",
            "trts_accuracy_150",
            "tstr_nn_accuracy_150",
        ),
        "augmentation_gain_150",
    }
    assert of_the_discriminator >= {
        f"discriminator_{name}_150"
        for name in ("true_positive", "false_positive", "true_negative", "false_negative", "accuracy")
    }


def test_metrics_say_that_noisier_samples_are_worse_and_real_ones_best(project):
    floor = evaluate_floor(project.params)
    little, much = evaluated(project, 30), evaluated(project, 90)
    for name in ("fid_judge_150", "kid_judge_150", "nn_pixel_150"):
        assert floor[name] < little[name] < much[name]
    for name in ("precision_judge_150_k5", "coverage_judge_150_k5", "is_judge_150"):
        assert floor[name] > much[name]


def test_copies_of_training_images_are_betrayed_by_their_neighbours(project):
    floor = evaluate_floor(project.params)
    project.write_samples(Store.open(prepared_dir("images")).images("train")[:200])
    copied = evaluate_cell(project.cell, project.params)
    assert copied["nn_pixel_150"] == copied["nn_feature_150"] == 0
    assert floor["nn_pixel_150"] > 5
    assert floor["nn_feature_150"] > 0


def test_held_out_images_as_samples_score_exactly_the_floor(project):
    floor = evaluate_floor(project.params)
    store = Store.open(prepared_dir("images"))
    rows = Protocol.of(project.params.images, store).rows(store, "test")
    project.write_samples(store.images("test")[rows])
    cell = evaluate_cell(project.cell, project.params)
    common = set(floor) & set(cell)
    assert {"fid_judge_150", "nn_pixel_150", "coverage_judge_150_k5"} <= common
    expected = {name: floor[name] for name in common}
    assert {name: cell[name] for name in common} == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_the_record_states_protocol_extractor_data_and_the_floor_of_every_metric(project):
    evaluate_floor(project.params)
    cell = evaluated(project, 20)
    record = json.loads((project.cell.evaluation_dir / "record.json").read_text())
    store, judge = Store.open(prepared_dir("images")), Judge.load(judge_dir("images"), torch.device("cpu"))
    assert record["protocol"] | {"n": 150, "neighbours": 5, "seed": 0} == record["protocol"]
    assert record["extractor"]["digest"] == judge.digest
    assert record["data"]["sha256"] == store.meta.sha256
    assert {"condition_accuracy", "substitution", "attribute_accuracy", "matching_auc"} <= set(record["left_out"])
    assert record["discriminator"]["threshold_from"] == "midpoint of the mean scores"
    floor = json.loads(floor_metrics("images").read_text())
    assert {entry["name"]: entry["value"] for entry in record["metrics"]} == {
        name: value for name, value in cell.items() if name != "status"
    }
    for entry in record["metrics"]:
        assert entry["floor"] == floor.get(entry["name"])
        assert entry["data"] == store.meta.sha256["train"]
    by_name = {entry["name"]: entry for entry in record["metrics"]}
    expected = {
        "fid_judge_150": (150, judge.digest, 0),
        "precision_judge_150_k5": (150, judge.digest, 1),
        "is_judge_150": (150, judge.digest, 10),
        "nn_pixel_150": (150, None, None),
        "discriminator_true_negative_150": (75, record["networks"]["discriminator"], None),
    }
    for name, facts in expected.items():
        assert tuple(by_name[name][key] for key in ("n", "extractor", "ceiling")) == facts, name
    assert record["networks"]["discriminator"] != judge.digest


def test_all_pictures_are_written_and_two_evaluations_give_the_same_bytes(project):
    written = []
    for _ in range(2):
        evaluate_floor(project.params)
        evaluated(project, 40)
        folders = (floor_dir("images"), project.cell.evaluation_dir, METRICS)
        paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        written.append({str(path): path.read_bytes() for path in paths})
        assert {path.name for path in project.cell.evaluation_dir.iterdir()} == FILES
        for folder in folders:
            if folder != METRICS:
                shutil.rmtree(folder)
    assert written[0] == written[1]


def test_a_diverged_cell_says_where_it_stopped_and_leaves_the_reason_alone(project):
    reason = "discriminator is nan at iteration 123"
    project.write_status(status="diverged", iteration=123, images=7872, reason=reason)
    evaluate_cell(project.cell, project.params)
    metrics = json.loads(project.cell.metrics_path.read_text())
    assert metrics == {"status": "diverged", "iteration": 123, "images": 7872}
    assert [path.name for path in project.cell.evaluation_dir.iterdir()] == ["record.json"]
    assert json.loads((project.cell.evaluation_dir / "record.json").read_text())["reason"] == reason


def test_a_damaged_status_is_refused(project):
    project.write_status(status="diverged")
    with pytest.raises(BenchError, match=r"status\.json.*dvc repro sample@dcgan-0"):
        evaluate_cell(project.cell, project.params)


def test_without_classes_the_inception_score_is_absent_and_the_record_says_why(project):
    card = judge_dir("images") / "judge.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"task": "rotations"}))
    assert "is_judge_150" not in evaluate_floor(project.params)
    assert "is_judge_150" not in evaluated(project, 20)
    record = json.loads((project.cell.evaluation_dir / "record.json").read_text())
    assert "rotations" in record["left_out"]["inception_score"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"evaluate": {"samples": 5}}, r"images\.evaluate\.neighbours: 5: .*images\.evaluate\.samples.*1 to 4"),
        ({"sample": {"count": 4}}, r"images\.evaluate\.neighbours: 5: .*images\.sample\.count.*1 to 3"),
        ({"evaluate": {"neighbours": 449}}, r"images\.evaluate\.neighbours: 449: .*held-out images.*1 to 448"),
        ({"evaluate": {"samples": 1, "neighbours": 1}}, r"images\.evaluate\.samples: 1: .*at least 2"),
    ],
)
def test_too_few_images_for_the_neighbours_are_refused_by_key(project, settings, message):
    with pytest.raises(BenchError, match=message):
        evaluate_floor(declared(**settings))
    assert not floor_dir("images").exists()


def test_fewer_samples_than_promised_are_refused(project):
    evaluate_floor(project.params)
    project.write_samples(noisy(project, 10, count=149))
    with pytest.raises(BenchError, match=r"samples\.npz: 149 images.*at least 150"):
        evaluate_cell(project.cell, project.params)


def test_samples_of_another_shape_are_refused(project):
    evaluate_floor(project.params)
    project.write_samples(np.zeros((200, 32, 32, 1), np.uint8))
    with pytest.raises(BenchError, match=r"samples\.npz: images: uint8 \(200, 32, 32, 1\); expected"):
        evaluate_cell(project.cell, project.params)


@pytest.mark.parametrize("content", [None, b"", b"not an archive"])
def test_missing_or_damaged_samples_are_refused_in_one_line(project, content):
    evaluate_floor(project.params)
    project.cell.samples_dir.mkdir(parents=True)
    if content is not None:
        (project.cell.samples_dir / "samples.npz").write_bytes(content)
    with pytest.raises(BenchError, match=r"samples\.npz") as caught:
        evaluate_cell(project.cell, project.params)
    assert "\n" not in caught.value.message


def test_a_floor_of_another_protocol_or_none_is_refused(project):
    project.write_samples(noisy(project, 10))
    with pytest.raises(BenchError, match="run dvc repro floor"):
        evaluate_cell(project.cell, project.params)
    evaluate_floor(declared(evaluate={"samples": 100}, sample={"count": 200}))
    with pytest.raises(BenchError, match=r"'n': 100.*'n': 150.*run dvc repro floor"):
        evaluate_cell(project.cell, project.params)


def test_a_discriminator_whose_scores_are_not_finite_is_refused(project, monkeypatch):
    class Broken(torch.nn.Module):
        def forward(self, images):
            return torch.full((len(images),), torch.nan)

    monkeypatch.setattr(ganbench.sampling, "load_discriminator", lambda *_: (Broken(), 0.0))
    evaluate_floor(project.params)
    with pytest.raises(BenchError, match=r"discriminator\.safetensors"):
        evaluated(project, 10)


def test_a_collapsed_generator_gets_numbers_like_any_other(project):
    evaluate_floor(project.params)
    project.write_samples(np.full((200, 16, 16, 1), 128, np.uint8))
    cell = evaluate_cell(project.cell, project.params)
    assert cell["is_judge_150"] == pytest.approx(1)
    assert cell["recall_judge_150_k5"] == 0


def test_rows_are_a_seeded_choice_without_repetition(project):
    store = Store.open(prepared_dir("images"))
    protocols = [Protocol.of(declared(evaluate={"samples": 150, "seed": seed}).images, store) for seed in (0, 0, 1)]
    first, again, other = (protocol.rows(store, "train") for protocol in protocols)
    assert len(set(first.tolist())) == 150
    assert first.tolist() == again.tolist() != other.tolist()


def test_the_stages_judge_floor_and_evaluate_run_as_commands(project, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "stages")
    Path("params.yaml").write_text(
        "device: cpu\nimages:\n  judge: {epochs: 1, width: 8}\n  evaluate: {samples: 60, pupil: {steps: 10}}\n"
        "  variants:\n    dcgan: {network: dcgan, objective: non_saturating}\n"
    )
    project.write_status(status="diverged", iteration=1, images=64, reason="generator is inf at iteration 1")
    project.cell.train_dir.mkdir(parents=True, exist_ok=True)
    shutil.copy(project.cell.samples_dir / "status.json", project.cell.train_dir)
    for arguments in (["judge", "images"], ["floor", "images"], ["evaluate", "images", "dcgan", "0"]):
        main = runpy.run_path(str(ROOT / "stages" / f"{arguments[0]}.py"))["main"]
        assert CliRunner().invoke(main, arguments[1:], catch_exceptions=False).exit_code == 0
    assert 0 <= json.loads((METRICS / "images/judge.json").read_text())["test_accuracy"] <= 1
    assert "fid_judge_60" in json.loads(floor_metrics("images").read_text())
    assert json.loads(project.cell.metrics_path.read_text())["status"] == "diverged"


def test_a_floor_of_other_pupils_is_refused(project):
    project.write_samples(noisy(project, 10))
    evaluate_floor(declared(evaluate={"samples": 150, "pupil": {"steps": 11}}, sample={"count": 200}))
    with pytest.raises(BenchError, match=r"'steps': 11.*'steps': 10.*run dvc repro floor"):
        evaluate_cell(project.cell, project.params)


def test_bounded_by_the_training_split_more_images_are_compared_than_are_held_out(project):
    images = Store.open(prepared_dir("images")).images("train")[:600]
    project.params = declared(evaluate={"samples": 700, "bound": "training"}, sample={"count": 600})
    floor = evaluate_floor(project.params)
    assert {"fid_judge_449", "precision_judge_449_k5"} <= set(floor)
    project.write_samples(images)
    cell = evaluate_cell(project.cell, project.params)
    assert {"fid_judge_600", "precision_judge_600_k5"} <= set(cell)
    assert not set(cell) & set(floor)
    record = json.loads((project.cell.evaluation_dir / "record.json").read_text())
    assert (record["protocol"]["n"], record["protocol"]["held_out"]) == (600, 449)
    by_name = {entry["name"]: entry for entry in record["metrics"]}
    for name, own in (("fid_judge_600", "fid_judge_449"), ("precision_judge_600_k5", "precision_judge_449_k5")):
        assert [by_name[name][key] for key in ("n", "floor", "floor_n")] == [600, floor[own], 449]
    assert by_name["discriminator_true_positive_600"]["n"] == 449
    assert by_name["discriminator_accuracy_600"]["n"] == 300
    assert by_name["discriminator_accuracy_600"]["floor"] is by_name["discriminator_accuracy_600"]["floor_n"] is None


def test_bounded_by_the_training_split_the_reference_of_the_cells_is_larger_than_that_of_the_floor(project):
    store = Store.open(prepared_dir("images"))
    larger = Protocol.of(declared(evaluate={"bound": "training"}, sample={"count": 600}).images, store)
    usual = Protocol.of(declared(sample={"count": 600}).images, store)
    assert (larger.n, larger.held_out, usual.n, usual.held_out) == (600, 449, 449, 449)
    assert larger.floor == usual
    assert set(larger.floor.rows(store, "train")) < set(larger.rows(store, "train"))
    assert larger.rows(store, "test").tolist() == usual.rows(store, "test").tolist()


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("fid_judge_449", "fid_judge_600"),
        ("precision_judge_449_k5", "precision_judge_600_k5"),
        ("attribute_accuracy_digit_judge_449_held_out", "attribute_accuracy_digit_judge_600_held_out"),
        ("attribute_accuracy_449_judge_449", "attribute_accuracy_449_judge_600"),
        ("sliced_w2_judge_449_p449", "sliced_w2_judge_600_p449"),
        ("w2_judge_100", "w2_judge_100"),
    ],
)
def test_a_value_of_the_floor_stands_beside_that_of_the_cells_n(name, called):
    assert Protocol(600, 449, 5, 0, Pupil()).beside(name) == called


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"evaluate": {"bound": "training", "neighbours": 449}}, r"neighbours: 449: .*held-out images.*1 to 448"),
        ({"evaluate": {"bound": "training", "samples": 5}}, r"neighbours: 5: .*images\.evaluate\.samples.*1 to 4"),
    ],
)
def test_too_few_held_out_images_for_the_neighbours_are_refused_under_either_bound(project, settings, message):
    with pytest.raises(BenchError, match=message):
        evaluate_floor(declared(**settings))
