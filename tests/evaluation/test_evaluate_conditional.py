"""Cells whose generator was told what to draw: their samples are judged by what was asked for."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from digits_project import CPU, Project, declared, real_digits, write_store

import ganbench.sampling
from ganbench.cell import Cell, floor_metrics, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.evaluate import evaluate_cell
from ganbench.evaluation.floor import evaluate_floor
from ganbench.evaluation.judge import train_judge
from ganbench.evaluation.scoring import Teller
from ganbench.params import Judge as Settings

N, HELD_OUT = 150, 200
STEPS = 40
SHUFFLED = np.random.default_rng(0).permutation(HELD_OUT)
OBEDIENT, RECORD = Path("obedient.json"), Path("record.json")
"""Metrics and record of a generator that draws held-out images when it is asked for their labels."""
CONDITION_METRICS = {
    f"{name}_{N}"
    for name in (
        "condition_accuracy_judge",
        "intra_fid_judge",
        "tstr_accuracy",
        "tstr_nn_accuracy",
        "trts_accuracy",
        "augmentation_gain",
    )
}


class Reader(torch.nn.Module):
    """Scores an image by its brightness and what it is told: a label, or a text, which should say if it is dark."""

    def forward(self, images, labels=None, captions=None):
        brightness = images.mean(dim=(1, 2, 3))
        if labels is not None:
            assert labels.shape == (len(images),)
            return brightness + labels
        if captions is not None:
            assert len(captions) == len(images)
            return -(brightness + 0.6) * torch.tensor([1.0 if "dark" in text else -1.0 for text in captions])
        raise AssertionError("nothing was told")


@pytest.fixture(autouse=True)
def _brief(monkeypatch):
    monkeypatch.setattr(ganbench.sampling, "load_discriminator", lambda *_: (Reader(), 0.0))


@pytest.fixture(scope="module")
def captioned(tmp_path_factory):
    """A judged project of digits, half of them darkened, and captions that say so.

    No dark nine is among the training images.
    """
    images, labels = real_digits()
    order = np.random.default_rng(1).permutation(1000)
    images, labels = images[order].copy(), labels[order]
    dark = np.random.default_rng(0).integers(0, 2, len(images))
    dark[:-HELD_OUT][labels[:-HELD_OUT] == 9] = 0
    images[dark == 1] //= 3
    captions = [f"a {'dark' if is_dark else 'bright'} {label}" for is_dark, label in zip(dark, labels, strict=True)]
    digits = [str(digit) for digit in range(10)]
    attributes = {
        "digit": (digits, labels),
        "shade": (["bright", "dark"], dark),
        "held_out": ([], (labels == 9) & (dark == 1)),
    }
    root = tmp_path_factory.mktemp("captioned")
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        store = write_store(prepared_dir("images"), images, labels, HELD_OUT, digits, captions, attributes)
        train_judge(store, Settings(epochs=6, width=8, lr=1e-2), CPU, judge_dir("images"))
        evaluate_floor(project("label").params)
        patch.setattr(ganbench.sampling, "load_discriminator", lambda *_: (Reader(), 0.0))
        evaluated("label", store.images("test")[SHUFFLED], SHUFFLED)
        shutil.move(project("label").cell.metrics_path, OBEDIENT)
        shutil.move(project("label").cell.evaluation_dir / "record.json", RECORD)
    return root


@pytest.fixture
def store(captioned, tmp_path, monkeypatch) -> Store:
    """The project in the working directory."""
    shutil.copytree(captioned, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Store.open(prepared_dir("images"))


@pytest.fixture
def floor(store) -> dict:
    return json.loads(floor_metrics("images").read_text())


@pytest.fixture
def obedient(store) -> dict:
    return json.loads(OBEDIENT.read_text())


def project(condition: str) -> Project:
    evaluate = {"samples": N, "pupil": {"steps": STEPS}}
    return Project(Cell("images", "dcgan", 0), declared(condition, evaluate=evaluate, sample={"count": 200}))


def evaluated(condition: str, images: np.ndarray, rows: np.ndarray) -> dict:
    made = project(condition)
    made.write_samples(images, rows=rows)
    return evaluate_cell(made.cell, made.params)


def test_a_generator_that_obeys_is_told_from_one_that_draws_what_it_likes(store, floor, obedient):
    random = evaluated("label", store.images("test")[np.roll(SHUFFLED, 1)], SHUFFLED)
    assert set(obedient) >= CONDITION_METRICS
    for name in CONDITION_METRICS - {f"intra_fid_judge_{N}"}:
        assert obedient[name] > random[name]
    accuracy, within = f"condition_accuracy_judge_{N}", f"intra_fid_judge_{N}"
    assert obedient[within] < random[within]
    assert random[accuracy] < 0.3
    assert obedient[accuracy] > 0.8
    assert floor[accuracy] > 0.8


def test_one_image_a_class_is_recognised_but_teaches_little(store, obedient):
    labels, rows = store.labels("test"), SHUFFLED
    examples = np.array([np.flatnonzero(labels == digit)[0] for digit in range(10)])
    collapsed = evaluated("label", store.images("test")[examples[labels[rows]]], rows)
    assert collapsed[f"trts_accuracy_{N}"] > collapsed[f"tstr_accuracy_{N}"]
    assert collapsed[f"tstr_accuracy_{N}"] < obedient[f"tstr_accuracy_{N}"]
    assert collapsed[f"intra_fid_judge_{N}"] > obedient[f"intra_fid_judge_{N}"]


def test_real_images_in_the_place_of_synthetic_ones_teach_and_test_alike(floor):
    assert floor[f"tstr_accuracy_{N}"] == floor[f"trts_accuracy_{N}"] > 0.3
    assert floor[f"augmentation_gain_{N}"] > 0


def test_constant_images_under_all_labels_have_chance_and_no_gap_in_the_numbers(store):
    rows = np.arange(HELD_OUT)
    cell = evaluated("label", np.full((HELD_OUT, 16, 16, 1), 128, np.uint8), rows)
    assert set(cell) >= CONDITION_METRICS
    assert cell[f"condition_accuracy_judge_{N}"] < 0.25
    assert cell[f"tstr_accuracy_{N}"] < 0.3


def test_captions_are_judged_attribute_by_attribute_on_seen_and_on_held_out_combinations(store, floor):
    rows = SHUFFLED
    images = store.images("test")[rows].copy()
    unseen = store.attribute("test", "held_out")[rows] == 1
    images[unseen] = np.minimum(255, images[unseen].astype(int) * 3).astype(np.uint8)  # bright where dark was asked for
    cell = evaluated("text", images, rows)
    shade = f"attribute_accuracy_shade_judge_{N}"
    assert cell[shade] == pytest.approx(floor[shade], abs=0.1)
    assert cell[shade] > 0.9
    assert cell[f"{shade}_held_out"] < 0.5 < floor[f"{shade}_held_out"]
    assert f"attribute_accuracy_digit_judge_{N}" in cell
    assert not CONDITION_METRICS & set(cell)
    record = json.loads((project("text").cell.evaluation_dir / "record.json").read_text())
    assert record["left_out"]["condition_accuracy"] == "labels were not asked for"


def test_a_discriminator_that_reads_scores_the_right_text_above_a_wrong_one(store, monkeypatch):
    rows = np.arange(HELD_OUT)
    reading = evaluated("text", store.images("test"), rows)
    monkeypatch.setattr(Reader, "forward", lambda self, images, captions: images.mean(dim=(1, 2, 3)))
    deaf = evaluated("text", store.images("test"), rows)
    assert reading[f"matching_auc_{N}"] > 0.65
    assert reading[f"matching_gap_{N}"] > 0.5
    assert deaf[f"matching_auc_{N}"] == 0.5
    assert deaf[f"matching_gap_{N}"] == 0


def test_what_is_told_of_images_is_their_label_or_their_caption(store):
    rows, captions = SHUFFLED[:7], store.captions("test")
    assert Teller(store, "labels").of("test", rows)["labels"].tolist() == store.labels("test")[rows].tolist()
    assert Teller(store, "captions").of("test", rows)["captions"] == [captions[row] for row in rows]
    assert Teller(store, "nothing").of("test", rows) == {}


def test_what_has_no_label_cannot_be_told_and_is_not_scored(store, monkeypatch):
    labels = np.where(np.arange(HELD_OUT) % 2, -1, 3)
    monkeypatch.setattr(Store, "labels", lambda self, split: labels)
    assert Teller(store, "labels").known("test", np.arange(10)).tolist() == [0, 2, 4, 6, 8]
    assert Teller(store, "captions").known("test", np.arange(3)).tolist() == [0, 1, 2]


def test_captions_mean_their_attributes_and_without_these_their_text(store):
    rows = np.arange(4)
    attributes = [store.attribute("test", name)[rows].tolist() for name in ("digit", "shade")]
    assert Teller(store, "captions").meanings(rows) == list(zip(*attributes, strict=True))
    store.meta.attributes.clear()
    assert Teller(store, "captions").meanings(rows) == store.captions("test")[:4]


def test_what_was_asked_for_is_that_of_the_held_out_rows(store):
    rows = np.array([3, 1, 3])
    asked = Asked.of(store, rows)
    assert asked.labels.tolist() == store.labels("test")[rows].tolist()
    assert asked.attributes["shade"].tolist() == store.attribute("test", "shade")[rows].tolist()
    assert asked.unseen.tolist() == (store.attribute("test", "held_out")[rows] == 1).tolist()
    assert Asked.of(store, rows, "labels").attributes == {}
    assert Asked.of(store, rows, "captions").labels is None


@pytest.mark.parametrize("rows", [np.full(HELD_OUT, HELD_OUT), np.full(HELD_OUT, -1), np.zeros(5, np.int64)])
def test_rows_that_are_none_of_the_held_out_split_are_refused(store, rows):
    with pytest.raises(BenchError, match=r"samples\.npz: rows: .*dvc repro sample@dcgan-0"):
        evaluated("label", store.images("test"), rows)


def test_samples_without_rows_are_refused(store):
    made = project("label")
    made.write_samples(store.images("test"))
    with pytest.raises(BenchError, match=r"samples\.npz: not readable"):
        evaluate_cell(made.cell, made.params)


def test_two_evaluations_of_a_conditional_cell_give_the_same_bytes(store):
    evaluated("label", store.images("test")[SHUFFLED], SHUFFLED)
    cell = project("label").cell
    assert cell.metrics_path.read_bytes() == OBEDIENT.read_bytes()
    assert (cell.evaluation_dir / "record.json").read_bytes() == RECORD.read_bytes()
    assert json.loads(RECORD.read_text())["pupils"]["batch_size"] == 64
