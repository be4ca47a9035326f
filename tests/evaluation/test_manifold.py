import warnings

import numpy as np
import pytest
from prdc import compute_prdc

from ganbench.evaluation import distances, screening
from ganbench.evaluation.metrics.manifold import Manifold, manifold


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_prdc(seed, k, capsys):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(150, 6)), rng.normal(0.3, 0.8, size=(120, 6))
    assert vars(manifold(real, fake, k)) == pytest.approx(compute_prdc(real, fake, nearest_k=k), rel=1e-12)
    capsys.readouterr()


def test_agrees_with_prdc_where_there_are_fewer_points_than_features(capsys):
    rng = np.random.default_rng(5)
    real, fake = rng.normal(size=(20, 64)), rng.normal(0, 0.9, size=(25, 64))
    assert vars(manifold(real, fake, 5)) == pytest.approx(compute_prdc(real, fake, nearest_k=5), rel=1e-12)
    capsys.readouterr()


def test_does_not_depend_on_the_size_of_the_tiles(monkeypatch):
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(50, 4)), rng.normal(size=(41, 4))
    whole = manifold(real, fake, 3)
    for module, name, size in ((distances, "ROWS", 7), (distances, "COLUMNS", 11), (screening, "SQUARE", 9)):
        monkeypatch.setattr(module, name, size)
    assert manifold(real, fake, 3) == whole


def test_points_on_a_line_have_the_values_that_counting_gives():
    # balls around 0, 1, 3 reach 1, 1, 2; around 0.5, 10 they reach 9.5, 9.5
    found = manifold(np.array([[0.0], [1.0], [3.0]]), np.array([[0.5], [10.0]]), 1)
    assert found == Manifold(precision=0.5, recall=1.0, density=2 / 2, coverage=2 / 3)


def test_a_point_on_the_border_of_a_ball_is_inside():
    found = manifold(np.array([[0.0], [1.0]]), np.array([[2.0], [10.0]]), 1)
    assert (found.precision, found.coverage) == (0.5, 0.5)


def test_far_apart_sets_share_nothing():
    rng = np.random.default_rng(2)
    found = manifold(rng.normal(size=(30, 3)), rng.normal(100, 1, size=(30, 3)), 5)
    assert found == Manifold(0.0, 0.0, 0.0, 0.0)


def test_equal_sets_are_precise_and_cover_everything():
    x = np.random.default_rng(3).normal(size=(60, 8))
    found = manifold(x, x, 5)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)


def test_a_generator_that_repeats_one_real_image_is_precise_and_covers_little():
    real = np.random.default_rng(4).normal(size=(60, 8))
    found = manifold(real, np.repeat(real[:1], 60, 0), 5)
    assert found.precision == 1
    assert found.recall == pytest.approx(1 / 60)
    assert 0 < found.coverage < 0.5


@pytest.mark.parametrize("value", [0.0, 1e-9, 0.1, 1e9])
def test_constant_features_lie_in_each_others_balls_of_no_extent(value):
    x = np.full((30, 16), value)
    assert manifold(x, x, 5) == Manifold(1.0, 1.0, 30 / 5, 1.0)
    assert manifold(x, x + 1 + value, 5) == Manifold(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_and_offset_change_nothing(scale):
    rng = np.random.default_rng(6)
    real, fake = rng.normal(size=(60, 8)), rng.normal(0.2, 1, size=(60, 8))
    assert manifold(scale * (real + 100), scale * (fake + 100), 5) == manifold(real, fake, 5)


def test_a_point_in_more_balls_than_a_byte_counts():
    # the corners of a simplex are √2 apart, and the origin is 1 from each
    found = manifold(np.eye(600), np.array([np.zeros(600), np.full(600, 1e-3)]), 1)
    assert found == Manifold(precision=1.0, recall=0.0, density=600.0, coverage=1.0)
