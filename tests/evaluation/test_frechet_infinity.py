import warnings

import numpy as np
import pytest

from ganbench.evaluation.metrics.frechet import frechet_distance, moments
from ganbench.evaluation.metrics.frechet_infinity import SEED, SIZES, SMALLEST, extrapolated


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def both(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    return frechet_distance(*moments(x), *moments(y)), extrapolated(x, y, SIZES, SMALLEST, SEED)


def test_most_of_the_bias_for_equal_distributions_goes():
    rng, d, n = np.random.default_rng(0), 16, 400
    found = np.array([both(rng.normal(size=(n, d)), rng.normal(size=(n, d))) for _ in range(30)])
    plain, infinite = found.mean(axis=0)
    assert plain == pytest.approx(d * (d + 5) / (2 * n), rel=0.15)
    assert abs(infinite) < 0.15 * plain


def test_the_true_distance_of_two_gaussians_is_met_from_few_samples():
    rng, d, n = np.random.default_rng(1), 8, 300
    true = d * (0.5**2 + (1.5 - 1) ** 2)
    found = np.array([both(rng.normal(size=(n, d)), rng.normal(0.5, 1.5, size=(n, d))) for _ in range(30)])
    plain, infinite = np.abs(found.mean(axis=0) - true)
    assert infinite < plain
    assert found[:, 1].mean() == pytest.approx(true, abs=4 * found[:, 1].std() / np.sqrt(30) + 0.02)


def test_the_same_seed_gives_the_same_value_and_another_one_another():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(60, 4)), rng.normal(size=(60, 4))
    assert extrapolated(x, y, 6, 0.5, 0) == extrapolated(x, y, 6, 0.5, 0)
    assert extrapolated(x, y, 6, 0.5, 0) != extrapolated(x, y, 6, 0.5, 1)


def test_a_distance_without_bias_is_left_as_it_is():
    x, y = np.full((40, 6), 3.0), np.full((40, 6), 5.0)
    assert extrapolated(x, y, 6, 0.5, 0) == pytest.approx(24)


def test_two_images_are_enough_for_a_value():
    x, y = np.array([[0.0], [1.0]]), np.array([[3.0], [5.0]])
    assert extrapolated(x, y, 6, 0.5, 0) == pytest.approx(frechet_distance(*moments(x), *moments(y)))


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scales_with_the_square_of_the_features(scale):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(60, 8)), rng.normal(1, 1, size=(60, 8))
    assert extrapolated(scale * x, scale * y, 6, 0.5, 0) == pytest.approx(scale**2 * extrapolated(x, y, 6, 0.5, 0))
