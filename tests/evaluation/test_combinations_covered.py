"""Combinations of attributes: how many are covered, and how their shares differ from those of the training images."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from digits_project import CPU, HELD_OUT, Project, declared, real_digits, write_store
from scipy.stats import entropy

import ganbench.sampling
from ganbench.cell import Cell, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.evaluate import evaluate_cell
from ganbench.evaluation.features import Seen
from ganbench.evaluation.floor import evaluate_floor
from ganbench.evaluation.judge import train_judge
from ganbench.evaluation.metric import Evidence, NotApplicable
from ganbench.evaluation.metrics.attributes import attribute_accuracy
from ganbench.evaluation.metrics.combinations import combinations, compare
from ganbench.params import Judge as Settings

N = 40


def images(*counted: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """Colour and size of so many images of each kind: (colour, size, how many), in a mixed order."""
    rows = np.repeat([kind[:2] for kind in counted], [kind[2] for kind in counted], axis=0)
    colour, size = np.random.default_rng(0).permutation(rows).T
    return {"colour": colour, "size": size}


def uniform(count: int, seed: int) -> dict[str, np.ndarray]:
    """Three digits each, all combinations equally likely."""
    digits = np.random.default_rng(seed).integers(0, 10, (3, count))
    return dict(zip(("red", "green", "blue"), digits, strict=True))


def test_equal_shares_have_no_divergence():
    found = compare(images((0, 0, 5), (0, 1, 10), (1, 0, 15)), images((0, 0, 50), (0, 1, 100), (1, 0, 150)))
    assert (found.covered, found.kl) == (3, 0)


def test_a_mix_has_the_divergence_that_its_shares_say():
    found = compare(images((0, 0, 30), (1, 1, 10)), images((0, 0, 20), (1, 1, 20), (0, 1, 40)))
    assert found.covered == 2
    assert found.kl == pytest.approx(3 / 4 * np.log(3 / 4 / (1 / 4)) + 1 / 4 * np.log(1 / 4 / (1 / 4)))


@pytest.mark.parametrize("seed", range(3))
def test_the_divergence_is_scipys(seed):
    rng = np.random.default_rng(seed)
    kinds = [(colour, size) for colour in range(4) for size in range(3)]
    judged, real = rng.integers(0, 30, 12), rng.integers(1, 30, 12)
    judged[seed] = 0
    of_judged, of_real = (
        images(*((*kind, count) for kind, count in zip(kinds, counts, strict=True))) for counts in (judged, real)
    )
    assert compare(of_judged, of_real).kl == pytest.approx(entropy(judged, real), rel=1e-12)
    assert compare(of_judged, of_real).covered == np.count_nonzero(judged)


def test_one_combination_out_of_c_equally_frequent_ones_is_log_c_away():
    found = compare(images((1, 1, 7)), images(*((colour, size, 9) for colour in range(3) for size in range(2))))
    assert (found.covered, found.kl) == (1, pytest.approx(np.log(6)))


def test_combinations_of_no_training_image_count_nowhere():
    real = images((0, 0, 10), (1, 1, 10))
    found = compare(images((0, 0, 4), (1, 1, 4), (0, 1, 50), (2, 0, 50)), real)
    assert (found.covered, found.kl) == (2, 0)


def test_where_nothing_known_is_recognised_none_is_covered_and_there_is_no_divergence():
    found = compare(images((1, 0, 8), (0, 1, 8)), images((0, 0, 10), (1, 1, 10)))
    assert (found.covered, found.kl) == (0, None)


def test_a_training_image_of_which_something_is_unknown_does_not_count():
    judged = images((0, 0, 6), (1, 0, 2))
    real = images((0, 0, 30), (1, 0, 10), (-1, 0, 7), (1, -1, 7), (-1, -1, 7))
    assert compare(judged, real) == compare(judged, images((0, 0, 30), (1, 0, 10)))
    assert compare(judged, images((0, -1, 9))) is None


def test_attributes_are_matched_by_name():
    judged, real = images((0, 1, 6), (1, 1, 2)), images((0, 1, 3), (1, 1, 1))
    assert compare(dict(reversed(judged.items())), real) == compare(judged, real)


def test_the_floor_of_stacked_mnist_is_as_expected():
    """26,000 judged images and 128,000 training ones of 1,000 equally likely combinations."""
    found = [compare(uniform(26_000, seed), uniform(128_000, 100 + seed)) for seed in range(3)]
    assert [one.covered for one in found] == [1000] * 3
    expected = 999 / 2 * (1 / 26_000 + 1 / 128_000)
    assert np.mean([one.kl for one in found]) == pytest.approx(expected, rel=0.05)
    assert all(0.021 < one.kl < 0.027 for one in found)


@pytest.fixture
def evidence() -> Evidence:
    seen = Seen(np.zeros((N, 3), np.float32), np.full((N, 2), 0.5, np.float32))
    nearest = Nearest(np.ones((N, 1)), np.zeros((N, 1), np.int64))
    evidence = Evidence(seen, seen, {"pixel": nearest, "feature": nearest}, 5, False, None)
    return replace(evidence, recognised=images((0, 0, 30), (1, 1, 10)), attributes=images((0, 0, 3), (1, 1, 1)))


def test_the_names_say_that_the_judge_looked_at_n_images_whoever_saw_the_features(evidence):
    names = {f"combinations_covered_judge_{N}": 2, f"combinations_kl_judge_{N}": 0}
    assert combinations(evidence) == combinations(replace(evidence, extractor="inception")) == names


def test_without_a_single_known_combination_the_divergence_is_left_out(evidence):
    nothing = replace(evidence, recognised=images((0, 1, N)))
    assert combinations(nothing) == {f"combinations_covered_judge_{N}": 0}


def test_where_there_are_no_attributes_the_reason_is_said(evidence):
    with pytest.raises(NotApplicable, match="no attributes are known of the images"):
        combinations(replace(evidence, attributes={}, recognised={}))
    with pytest.raises(NotApplicable, match="no training image has all its attributes known"):
        combinations(replace(evidence, attributes=images((0, -1, 4))))


def test_what_is_recognised_unasked_is_no_accuracy_of_attributes(evidence):
    with pytest.raises(NotApplicable, match="nothing was asked for"):
        attribute_accuracy(evidence)


@pytest.fixture
def coloured(tmp_path, monkeypatch) -> Project:
    """A judged project of digits without classes, whose digit and shade are known; no bright nine is in train."""
    monkeypatch.chdir(tmp_path)
    pixels, labels = real_digits()
    dark = np.random.default_rng(0).integers(0, 2, len(pixels))
    dark[:-HELD_OUT][labels[:-HELD_OUT] == 9] = 1
    pixels = np.where(dark[:, None, None, None] == 1, pixels // 3, pixels)
    digits = [str(digit) for digit in range(10)]
    attributes = {"digit": (digits, labels), "shade": (["bright", "dark"], dark)}
    unlabelled = np.full(len(pixels), -1)
    store = write_store(prepared_dir("images"), pixels, unlabelled, HELD_OUT, [], attributes=attributes)
    train_judge(store, Settings(epochs=6, width=8, lr=1e-2), CPU, judge_dir("images"))
    monkeypatch.setattr(ganbench.sampling, "load_discriminator", lambda *_: (Dark(), None))
    return Project(Cell("images", "dcgan", 0), declared(evaluate={"samples": 300}, sample={"count": 300}))


class Dark(torch.nn.Module):
    """Calls an image real where it is dark."""

    def forward(self, images):
        return -images.mean(dim=(1, 2, 3))


def test_a_cell_that_was_told_nothing_is_judged_by_its_combinations(coloured):
    floor = evaluate_floor(coloured.params)
    store = Store.open(prepared_dir("images"))
    test, digit = store.images("test"), store.attribute("test", "digit")
    coloured.write_samples(test[:300])
    varied = evaluate_cell(coloured.cell, coloured.params)
    few = np.flatnonzero((digit == 0) | (digit == 1))
    coloured.write_samples(test[np.resize(few, 300)])
    shutil.rmtree(coloured.cell.evaluation_dir)
    collapsed = evaluate_cell(coloured.cell, coloured.params)
    covered, kl = "combinations_covered_judge_300", "combinations_kl_judge_300"
    assert floor[covered] >= 18
    assert varied[covered] >= 18
    assert max(floor[kl], varied[kl]) < 0.3 < collapsed[kl]
    assert collapsed[covered] < 12
    assert not [name for name in varied if name.startswith("attribute_accuracy")]
    recorded = json.loads((coloured.cell.evaluation_dir / "record.json").read_text())
    assert recorded["left_out"]["attribute_accuracy"] == "nothing was asked for: the generator takes no condition"
    assert "combinations" not in recorded["left_out"]
