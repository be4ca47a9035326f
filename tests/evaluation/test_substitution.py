import numpy as np
import pytest
from digits_project import CPU, declared
from sklearn.neighbors import KNeighborsClassifier

from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.protocol import Protocol
from ganbench.evaluation.substitution import (
    Labelled,
    Pupil,
    described,
    likeness,
    of_real_images,
    of_samples,
    save_pupils,
)
from ganbench.params import Pupil as Settings

BRIEF = Settings(steps=50)


@pytest.fixture(scope="module")
def parts(digits):
    """Training and held-out digits."""
    return [Labelled(np.asarray(digits.images(split)), digits.labels(split)) for split in ("train", "test")]


def test_a_pupil_of_real_digits_recognises_digits_that_it_never_saw(parts):
    train, test = parts
    assert Pupil.taught(train, 10, BRIEF, 0, CPU).accuracy(test) > 0.9


def test_two_pupils_of_a_seed_are_the_same_and_torchs_random_state_is_left_alone(parts):
    import torch

    train, _ = parts
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (Pupil.taught(train, 10, BRIEF, seed, CPU) for seed in (0, 0, 1))
    assert torch.equal(torch.rand(3), expected)
    weights = [pupil.network.head.weight for pupil in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_pupil_of_one_image_a_class_learns_little_and_one_of_a_single_class_guesses(parts):
    train, test = parts
    single = train.images[train.labels == 3]
    only = Pupil.taught(Labelled(single, np.full(len(single), 3)), 10, BRIEF, 0, CPU)
    assert only.accuracy(test) == pytest.approx((test.labels == 3).mean())
    first = np.array([np.flatnonzero(train.labels == digit)[0] for digit in range(10)]).repeat(40)
    collapsed = Pupil.taught(Labelled(train.images[first], train.labels[first]), 10, BRIEF, 0, CPU)
    assert collapsed.accuracy(test) < 0.75


def test_a_pupil_of_images_under_wrong_labels_recognises_nothing(parts):
    train, test = parts
    wrong = Pupil.taught(Labelled(train.images, (train.labels + 1) % 10), 10, BRIEF, 0, CPU)
    assert wrong.accuracy(test) < 0.1


def test_likeness_is_the_accuracy_of_one_nearest_neighbour(parts):
    train, test = (Labelled(part.images[:150], part.labels[:150]) for part in parts)
    rows = [part.images.reshape(len(part), -1).astype(float) for part in (train, test)]
    oracle = KNeighborsClassifier(1).fit(rows[0], train.labels)
    assert likeness(train, test) == pytest.approx(oracle.score(rows[1], test.labels))
    assert likeness(train, Labelled(train.images, (train.labels + 1) % 10)) == 0


def test_images_without_a_label_are_left_out():
    found = Labelled.known(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.array([1, -1, 0, -1]))
    assert found.labels.tolist() == [1, 0]
    assert found.images.ravel().tolist() == [0, 2]


def test_for_samples_the_pupils_of_real_images_are_those_that_the_floor_left(digits, tmp_path):
    protocol = Protocol(100, 100, 5, 0, BRIEF)
    floor = of_real_images(protocol, digits, CPU)
    save_pupils(floor, tmp_path)
    rows = protocol.rows(digits, "test")
    images, asked = digits.images("test")[rows], Asked.of(digits, rows, "labels")
    found = of_samples(protocol, digits, images, asked, tmp_path, CPU)
    for real, brought_back in ((floor.of_real, found.of_real), (floor.of_few, found.of_few)):
        assert brought_back.accuracy(floor.held_out) == real.accuracy(floor.held_out)
    assert found.synthetic.labels.tolist() == digits.labels("test")[rows].tolist()
    assert len(found.few) == 135
    with pytest.raises(BenchError, match="run dvc repro floor"):
        of_samples(protocol, digits, images, asked, tmp_path / "nowhere", CPU)


def test_the_few_are_not_among_the_images_that_are_compared(digits):
    protocol = Protocol(449, 449, 5, 0, BRIEF)
    assert not set(protocol.few(digits, 0.1)) & set(protocol.rows(digits, "train"))


def test_without_labels_asked_for_nothing_takes_the_place_of_real_images(digits, tmp_path):
    protocol = Protocol(100, 100, 5, 0, BRIEF)
    rows = np.arange(100)
    nothing = Asked(rows, None, {}, np.zeros(100, bool))
    unknown = Asked(rows, np.full(100, -1), {}, np.zeros(100, bool))
    for asked in (nothing, unknown):
        assert of_samples(protocol, digits, digits.images("test")[:100], asked, tmp_path, CPU) is None
    assert declared("label").images.variants["dcgan"].condition.name == "label"


def test_pupils_are_as_wide_and_as_long_taught_as_declared(parts):
    train, test = parts
    wide = Pupil.taught(train, 10, Settings(width=16, steps=3), 0, CPU)
    assert wide.network.head.in_features == 64
    assert wide.accuracy(test) < Pupil.taught(train, 10, Settings(width=16, steps=60), 0, CPU).accuracy(test)
    assert described(Settings(width=16, steps=3)) == {
        "network": "the judge's architecture of width 16",
        "share_of_few": 0.1,
        "steps": 3,
        "batch_size": 64,
        "lr": 0.01,
    }
