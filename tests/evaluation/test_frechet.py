import warnings

import numpy as np
import pytest
import torch
from scipy import linalg
from torchmetrics.image.fid import FrechetInceptionDistance, _compute_fid

from ganbench.evaluation.metrics.frechet import frechet_distance, moments


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def distance(x: np.ndarray, y: np.ndarray) -> float:
    return frechet_distance(*moments(x), *moments(y))


def by_sqrtm(x: np.ndarray, y: np.ndarray) -> float:
    (m, s), (n, t) = moments(x), moments(y)
    return float(((m - n) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * np.trace(np.real(linalg.sqrtm(s @ t))))


def correlated(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def test_unit_gaussian_and_one_moved_and_twice_as_wide_are_four_apart():
    assert frechet_distance(np.zeros(2), np.eye(2), np.array([1.0, 1.0]), 4 * np.eye(2)) == pytest.approx(4)


def test_gaussians_on_the_same_axes_are_as_far_apart_as_their_means_and_deviations():
    rng = np.random.default_rng(0)
    a, b, m, n = rng.uniform(0.1, 3, (4, 7))
    rotation = linalg.qr(rng.normal(size=(7, 7)))[0]
    s, t = (rotation @ np.diag(spread**2) @ rotation.T for spread in (a, b))
    assert frechet_distance(m, s, n, t) == pytest.approx(((m - n) ** 2).sum() + ((a - b) ** 2).sum())


def test_one_dimension_is_the_squared_difference_of_means_and_deviations():
    x, y = np.array([[0.0], [2.0]]), np.array([[3.0], [9.0]])
    assert distance(x, y) == pytest.approx((6 - 1) ** 2 + (np.sqrt(18) - np.sqrt(2)) ** 2)


def test_moments_are_those_of_numpy():
    x = correlated(np.random.default_rng(1), 40, 5)
    mean, covariance = moments(x.astype(np.float32))
    assert mean.dtype == covariance.dtype == np.float64
    np.testing.assert_allclose(covariance, np.cov(x, rowvar=False), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_scipy_and_torchmetrics(seed):
    rng = np.random.default_rng(seed)
    x, y = correlated(rng, 300, 24), correlated(rng, 250, 24)
    assert distance(x, y) == pytest.approx(by_sqrtm(x, y), rel=1e-9)
    theirs = _compute_fid(*(torch.from_numpy(part) for part in (*moments(x), *moments(y))))
    assert distance(x, y) == pytest.approx(float(theirs), rel=1e-6)


def test_agrees_with_the_whole_metric_of_torchmetrics_on_features_of_its_own():
    class Identity(torch.nn.Module):
        num_features = 12

        def forward(self, images):
            return images.reshape(len(images), -1)

    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(100, 3, 2, 2)), rng.normal(1, 2, size=(100, 3, 2, 2))
    metric = FrechetInceptionDistance(feature=Identity()).set_dtype(torch.float64)
    metric.update(torch.from_numpy(x), real=True)
    metric.update(torch.from_numpy(y), real=False)
    ours = distance(x.reshape(100, -1), y.reshape(100, -1))
    assert ours == pytest.approx(float(metric.compute()), rel=1e-6)


def test_does_not_depend_on_the_order_of_the_two_sets():
    rng = np.random.default_rng(3)
    x, y = correlated(rng, 60, 8), correlated(rng, 60, 8)
    assert distance(x, y) == pytest.approx(distance(y, x), rel=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_scales_with_the_square_of_the_features(scale):
    rng = np.random.default_rng(4)
    x, y = correlated(rng, 60, 8), correlated(rng, 60, 8)
    assert distance(scale * x, scale * y) == pytest.approx(scale**2 * distance(x, y), rel=1e-9)


def test_fewer_samples_than_features_agree_with_the_distance_in_the_space_that_they_span():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(10, 3)), rng.normal(1, 2, size=(9, 3))
    embedding = linalg.qr(rng.normal(size=(64, 3)), mode="economic")[0].T
    assert distance(x @ embedding, y @ embedding) == pytest.approx(distance(x, y), rel=1e-6)


def test_a_set_is_at_no_distance_from_itself_even_where_its_covariance_is_singular():
    x = np.random.default_rng(6).normal(size=(5, 100))
    assert distance(x, x) == pytest.approx(0, abs=1e-5)
    assert distance(x, x) >= 0


def test_constant_features_are_as_far_apart_as_their_means():
    x, y = np.full((20, 6), 3.0), np.full((30, 6), 5.0)
    assert distance(x, y) == pytest.approx(6 * 4)
    assert distance(x, x) == 0


def test_one_repeated_sample_costs_the_whole_spread_of_the_other_set():
    x = np.random.default_rng(8).normal(size=(50, 6))
    mean, covariance = moments(x)
    assert distance(np.repeat(mean[None], 50, 0), x) == pytest.approx(np.trace(covariance))


def test_features_that_are_dead_in_both_sets_change_nothing():
    rng = np.random.default_rng(9)
    x, y = correlated(rng, 40, 5), correlated(rng, 40, 5)
    padded = distance(np.pad(x, ((0, 0), (0, 9))), np.pad(y, ((0, 0), (0, 9))))
    assert padded == pytest.approx(distance(x, y), rel=1e-9)


def test_the_bias_for_equal_gaussians_is_as_expected():
    rng, d, n = np.random.default_rng(10), 16, 1000
    values = [distance(rng.normal(size=(n, d)), rng.normal(size=(n, d))) for _ in range(20)]
    assert np.mean(values) == pytest.approx(d * (d + 5) / (2 * n), rel=0.15)
