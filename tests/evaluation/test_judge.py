import os
from pathlib import Path

import numpy as np
import pytest
import torch
from digits_project import CPU, real_digits, write_store

from ganbench.errors import BenchError
from ganbench.evaluation.classifier import Classifier, shifted
from ganbench.evaluation.features import score, see
from ganbench.evaluation.judge import Judge, _rotated, train_judge
from ganbench.params import Judge as Settings

DIGITS = [str(digit) for digit in range(10)]


def small(root, images, labels, classes=DIGITS, held_out=100, count=400):
    return write_store(root / "images", images[:count], labels[:count], held_out, classes)


def test_real_digits_are_recognised(judge):
    assert judge.card.task == "classes"
    assert judge.card.test_accuracy >= 0.97


@pytest.mark.datasets
@pytest.mark.skipif(not os.environ.get("GANBENCH_DATASETS"), reason="GANBENCH_DATASETS is not set")
def test_mnist_is_recognised(tmp_path):
    from ganbench.data.prepare import prepare
    from ganbench.data.source import SOURCES
    from ganbench.params import Images

    images = Images.model_validate(
        {"dataset": "mnist", "resolution": 32, "variants": {"gan": {"network": "mlp", "objective": "minimax"}}}
    )
    raw = Path(os.environ["GANBENCH_DATASETS"]) / "mnist"
    prepare(SOURCES.entries()["mnist"](raw, images.prepare), images, tmp_path / "store")
    from ganbench.data.store import Store

    card = train_judge(Store.open(tmp_path / "store"), Settings(epochs=6), CPU, tmp_path / "judge")
    assert card.test_accuracy >= 0.985


def test_two_trainings_give_the_same_bytes_and_another_seed_others(tmp_path):
    store = small(tmp_path, *real_digits())
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train_judge(store, Settings(epochs=1, width=8, seed=seed), CPU, tmp_path / name)
    a, b, c = (
        [(tmp_path / name / file).read_bytes() for file in ("judge.safetensors", "judge.json")] for name in "abc"
    )
    assert a == b
    assert a[0] != c[0]


def test_a_loaded_judge_scores_what_its_card_says_and_bears_the_digest_of_its_weights(judge, judge_root, digits):
    seen = see(judge, digits.images("test"), CPU)
    accuracy = (seen.probabilities.argmax(1) == digits.labels("test")).mean()
    assert accuracy == pytest.approx(judge.card.test_accuracy)
    assert len(judge.digest) == 16
    assert judge.digest == Judge.load(judge_root, CPU).digest


def test_features_are_finite_not_negative_and_as_wide_as_four_times_the_width(judge, digits, tmp_path):
    images = digits.images("test")
    seen = see(judge, images, CPU)
    assert seen.features.shape == (len(images), 4 * judge.card.width)
    assert seen.features.dtype == np.float32
    assert (seen.features >= 0).all()
    np.testing.assert_allclose(seen.probabilities.sum(1), 1, rtol=1e-5)
    on_disk = see(judge, images, CPU, tmp_path / "features.npy")
    np.testing.assert_array_equal(on_disk.features, seen.features)
    np.testing.assert_array_equal(np.load(tmp_path / "features.npy"), seen.features)


@pytest.mark.parametrize("labels", [np.full(400, -1), np.zeros(400)])
def test_images_without_two_classes_are_judged_by_their_rotation(tmp_path, labels):
    store = small(tmp_path, real_digits()[0], labels, [])
    card = train_judge(store, Settings(epochs=15, width=16), CPU, tmp_path / "judge")
    assert (card.task, len(card.classes)) == ("rotations", 4)
    assert card.test_accuracy > 0.6


def test_images_without_a_label_are_left_out_where_others_have_one(tmp_path):
    images, labels = real_digits()
    labels = np.where(np.arange(len(labels)) % 3 == 0, -1, labels)
    card = train_judge(small(tmp_path, images, labels), Settings(epochs=1, width=8), CPU, tmp_path / "judge")
    assert (card.task, card.images) == ("classes", 200 // 64 * 64)


def test_held_out_images_without_any_label_are_refused(tmp_path):
    images, labels = real_digits()
    labels = labels.copy()
    labels[300:] = -1
    with pytest.raises(BenchError, match=r"test\.parquet: label"):
        train_judge(small(tmp_path, images, labels), Settings(epochs=1), CPU, tmp_path / "judge")


@pytest.mark.parametrize(("resolution", "channels"), [(16, 1), (32, 3), (64, 1), (256, 3)])
def test_any_resolution_and_both_kinds_of_colour_are_seen(resolution, channels):
    network = Classifier(resolution, channels, 8, 7).eval()
    images = torch.zeros(2, channels, resolution, resolution)
    assert network.features(images).shape == (2, 32)
    assert network(images).shape == (2, 7)
    assert network.body(images).shape[2:] == (4, 4) if resolution == 16 else (2, 2)


def test_images_are_moved_by_at_most_a_sixteenth_of_their_side():
    images = torch.arange(256.0).reshape(1, 1, 16, 16).repeat(64, 1, 1, 1)
    moved = shifted(images, torch.Generator().manual_seed(0))
    offsets = {(int(one[0, 8, 8]) // 16 - 8, int(one[0, 8, 8]) % 16 - 8) for one in moved}
    assert offsets == {(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)}


def test_each_quarter_of_a_batch_is_turned_by_its_own_angle():
    images = torch.randn(8, 1, 4, 4)
    turned, turns = _rotated(images)
    assert turns.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    for image, result, turn in zip(images, turned, turns, strict=True):
        torch.testing.assert_close(result, torch.rot90(image, int(turn), (1, 2)))


def test_a_discriminator_is_shown_pixels_from_minus_one_to_one():
    images = np.array([0, 255], np.uint8)[:, None, None, None] * np.ones((1, 16, 16, 3), np.uint8)

    class Mean(torch.nn.Module):
        def forward(self, batch):
            assert batch.shape == (2, 3, 16, 16)
            return batch.mean(dim=(1, 2, 3))

    np.testing.assert_allclose(score(Mean(), images, CPU), [-1, 1], atol=1e-6)


def test_a_discriminator_is_told_what_belongs_to_each_image_in_parts_of_any_size(monkeypatch):
    monkeypatch.setattr("ganbench.evaluation.features.CHUNK", 3)
    images = np.zeros((7, 16, 16, 1), np.uint8)

    class Told(torch.nn.Module):
        def forward(self, batch, labels=None, captions=None):
            return labels + torch.tensor([len(text) for text in captions])

    captions = ["a" * length for length in range(7)]
    assert score(Told(), images, CPU, labels=10 * np.arange(7), captions=captions).tolist() == [
        11.0 * row for row in range(7)
    ]


def test_a_missing_judge_is_named_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(BenchError, match="run dvc repro judge"):
        Judge.load(tmp_path, CPU)


def test_a_damaged_card_is_refused(judge_root, tmp_path):
    (tmp_path / "judge.json").write_text('{"task": "classes"}')
    with pytest.raises(BenchError, match="not a judge's card"):
        Judge.load(tmp_path, CPU)
