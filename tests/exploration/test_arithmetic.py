import numpy as np
import pytest
import torch
from hand_made import Linear, Rings, subject

from ganbench.exploration import arithmetic
from ganbench.exploration.arithmetic import LEAST, chance, find_concepts, plan, score, ways
from ganbench.exploration.subject import LeftOutError, Seen

CLASSES = 3


def linear(latents):
    """Four visible coordinates as grey levels; what is invisible is lost."""
    visible = latents[:, :4].double().numpy()
    return (100 + 30 * visible).round().clip(0, 255).astype(np.uint8).reshape(-1, 1, 4, 1)


def look(images):
    """The label is the brightest of three pixels, the ink is the fourth."""
    pixels = images.reshape(-1, 4).astype(float)
    return Seen(pixels[:, :3].argmax(1), np.ones(len(pixels), np.float32), pixels[:, 3])


@pytest.fixture
def world():
    """Latents with a one-hot class, ink of exactly ±1, and 96 coordinates that do not matter."""
    torch.manual_seed(0)
    labels = torch.arange(300) % CLASSES
    ink = torch.tensor([-1.0, 1.0])[torch.arange(300) // CLASSES % 2]
    latents = torch.cat([torch.eye(CLASSES)[labels], ink[:, None], torch.randn(300, 96)], 1)
    images = linear(latents)
    return latents, images, find_concepts(look(images))


def test_the_arithmetic_of_a_linear_generator_is_exact(world):
    latents, images, concepts = world
    trials = plan(concepts, 0)
    assert {(trial.a, trial.b) for trial in trials} == {(a, b) for a in range(3) for b in range(3) if a != b}
    results = ways(linear, latents, images, trials, 0)
    for name in ("mean_of_three", "single", "pixels"):
        assert score("x", look(results[name]), trials, concepts) == {"x": 1, "x_class": 1, "x_heavy": 1}
    expected = [[*np.eye(CLASSES)[trial.b], 1.0] for trial in trials]
    np.testing.assert_array_equal(results["mean_of_three"].reshape(-1, 4), 100 + 30 * np.array(expected))


def test_without_the_difference_the_class_stays_and_the_strokes_stay_light(world):
    latents, images, concepts = world
    trials = plan(concepts, 0)
    unchanged = score("x", look(ways(linear, latents, images, trials, 0)["unchanged"]), trials, concepts)
    assert unchanged == {"x": 0, "x_class": 1, "x_heavy": 0}


def test_a_random_direction_of_equal_length_does_not_make_strokes_heavy(world):
    latents, images, concepts = world
    trials = plan(concepts, 0)
    drawn = []
    ways(lambda chosen: drawn.append(chosen) or linear(chosen), latents, images, trials, 0)
    exact, _, random, start = drawn
    torch.testing.assert_close((random - start).norm(dim=1), (exact - start).norm(dim=1))
    assert score("x", look(linear(random)), trials, concepts)["x_heavy"] < 0.3


def test_concepts_are_quarters_of_the_samples_that_the_judge_is_sure_of():
    labels = np.repeat([0, 1, 2], 100)
    confidence = np.where(np.arange(300) < 200, 0.95, 0.5).astype(np.float32)
    seen = Seen(labels, confidence, np.tile(np.arange(100.0), 3))
    concepts = find_concepts(seen)
    assert set(concepts) == {0, 1}
    assert sorted(seen.ink[concepts[1].heavy]) == list(range(75, 100))
    assert sorted(seen.ink[concepts[0].light]) == list(range(25))
    assert concepts[0].median == 49.5


def test_chance_is_the_share_of_heavy_samples_of_each_class(world):
    _, images, concepts = world
    found = chance(look(images), concepts)
    assert found["arithmetic_chance_class"] == pytest.approx(1 / 3)
    assert found["arithmetic_chance"] == pytest.approx(1 / 6)


def test_the_experiment_scores_a_linear_generator_above_every_control(small_store, tmp_path):
    cell = subject(Linear(), small_store, samples=3000)
    values = arithmetic.run(cell, tmp_path)
    assert values["arithmetic_classes"] == 3
    assert values["arithmetic_mean_of_three"] > 0.8
    for control in ("random_direction", "unchanged", "chance"):
        assert values[f"arithmetic_{control}"] < 0.6 * values["arithmetic_mean_of_three"]
    before = (tmp_path / "arithmetic.png").read_bytes()
    assert arithmetic.run(cell, tmp_path) == values
    assert (tmp_path / "arithmetic.png").read_bytes() == before


def test_without_labels_or_classes_it_is_left_out_with_the_reason(small_store, tmp_path):
    with pytest.raises(LeftOutError, match="no labels"):
        arithmetic.run(subject(Linear(), small_store, task="rotations"), tmp_path)
    with pytest.raises(LeftOutError, match=f"with {LEAST} heavy and {LEAST} light images among 50 samples"):
        arithmetic.run(subject(Rings(), small_store, samples=50), tmp_path)
