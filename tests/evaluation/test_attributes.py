import numpy as np
import pytest
import torch
from digits_project import CPU, write_store
from torch.nn import functional as F

from ganbench.errors import BenchError
from ganbench.evaluation.attributes import AttributeJudge, cross_entropies
from ganbench.evaluation.judge import Judge, train_judge
from ganbench.params import Judge as Settings

SETTINGS = Settings(epochs=6, width=8, batch_size=32, lr=1e-2)


def bars(count: int = 400):
    """Bars that lie or stand, dark or bright; uint8 (n, 16, 16, 1), direction and brightness."""
    rng = np.random.default_rng(0)
    direction, brightness = rng.integers(0, 2, (2, count))
    images = rng.integers(0, 30, (count, 16, 16, 1)).astype(np.uint8)
    for image, lies, bright in zip(images, direction, brightness, strict=True):
        at = rng.integers(3, 12)
        rows, columns = (slice(at, at + 2), slice(None)) if lies else (slice(None), slice(at, at + 2))
        image[rows, columns] = 240 if bright else 100
    return images, direction, brightness


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    images, direction, brightness = bars()
    attributes = {"direction": (["stands", "lies"], direction), "brightness": (["dark", "bright"], brightness)}
    root = tmp_path_factory.mktemp("bars") / "images"
    return write_store(root, images, direction, 100, ["stands", "lies"], attributes=attributes)


@pytest.fixture(scope="module")
def root(store, tmp_path_factory):
    root = tmp_path_factory.mktemp("bars_judge") / "judge"
    train_judge(store, SETTINGS, CPU, root)
    return root


def test_one_trunk_learns_all_attributes_and_the_card_says_how_well(store, root):
    judge = AttributeJudge.load(root, CPU)
    assert judge.card.attributes == {"direction": ["stands", "lies"], "brightness": ["dark", "bright"]}
    found = judge.recognise(store.images("test"), CPU)
    for name, accuracy in judge.card.test_accuracy.items():
        assert accuracy >= 0.95
        assert (found[name] == store.attribute("test", name)).mean() == pytest.approx(accuracy)
    assert Judge.load(root, CPU).card.attributes == judge.card.test_accuracy


def test_the_judge_reports_the_attributes_beside_the_classes(root):
    metrics = Judge.load(root, CPU).card.metrics()
    assert sorted(metrics) == ["test_accuracy", "test_accuracy_brightness", "test_accuracy_direction", "test_loss"]


def test_attributes_change_nothing_about_the_judge_of_classes(store, root, tmp_path):
    train_judge(store, SETTINGS, CPU, tmp_path / "judge", attributes=False)
    name = "judge.safetensors"
    assert (tmp_path / "judge" / name).read_bytes() == (root / name).read_bytes()
    assert not (tmp_path / "judge" / "attributes.json").exists()


def test_two_trainings_give_the_same_bytes(store, root, tmp_path):
    train_judge(store, SETTINGS, CPU, tmp_path / "judge")
    for name in ("attributes.safetensors", "attributes.json"):
        assert (tmp_path / "judge" / name).read_bytes() == (root / name).read_bytes()


def test_each_attribute_has_a_cross_entropy_of_its_own_over_the_images_that_it_is_known_of():
    logits = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    values = torch.tensor([[0, 2], [1, -1], [-1, 0], [1, 1]])
    first = F.cross_entropy(logits[[0, 1, 3], :2], torch.tensor([0, 1, 1]))
    second = F.cross_entropy(logits[[0, 2, 3], 2:], torch.tensor([2, 0, 1]))
    torch.testing.assert_close(cross_entropies(logits, values, [2, 3]), torch.stack([first, second]))


def test_an_attribute_that_is_known_of_no_image_of_a_batch_costs_nothing():
    logits = torch.randn(3, 4, requires_grad=True)
    found = cross_entropies(logits, torch.full((3, 2), -1), [2, 2])
    assert found.tolist() == [0, 0]
    found.sum().backward()
    assert logits.grad.eq(0).all()


def test_a_missing_attribute_judge_is_named_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(BenchError, match=r"attributes\.json: no such file; run dvc repro judge"):
        AttributeJudge.load(tmp_path, CPU)
    (tmp_path / "attributes.json").write_text("{}")
    with pytest.raises(BenchError, match="not an attribute judge's card"):
        AttributeJudge.load(tmp_path, CPU)
