import warnings

import numpy as np
import pytest
import torch
from torchmetrics.image.kid import poly_mmd

from ganbench.evaluation import distances
from ganbench.evaluation.metrics.kernel import kernel_distance


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def by_loops(x: np.ndarray, y: np.ndarray) -> float:
    def k(a, b):
        return (a @ b / len(a) + 1) ** 3

    n, m = len(x), len(y)
    xx = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return xx + yy - 2 * sum(k(a, b) for a in x for b in y) / (n * m)


def test_is_the_sum_over_pairs_that_the_paper_writes():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(7, 3)), rng.normal(1, 2, size=(5, 3))
    assert kernel_distance(x, y) == pytest.approx(by_loops(x, y), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_torchmetrics(seed):
    rng = np.random.default_rng(seed)
    x, y = (torch.from_numpy(rng.normal(seed, 1 + seed, size=(80, 16))) for _ in range(2))
    assert kernel_distance(x.numpy(), y.numpy()) == pytest.approx(float(poly_mmd(x, y)), rel=1e-9, abs=1e-12)


def test_does_not_depend_on_the_size_of_the_tiles(monkeypatch):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(41, 4))
    whole = kernel_distance(x, y)
    monkeypatch.setattr(distances, "ROWS", 7)
    monkeypatch.setattr(distances, "COLUMNS", 11)
    assert kernel_distance(x, y) == pytest.approx(whole, rel=1e-12)


def test_points_on_a_line_have_the_value_that_arithmetic_gives():
    # k(0,0) = 1, k(0,1) = 1, k(1,1) = 8
    x, y = np.zeros((4, 1)), np.ones((6, 1))
    assert kernel_distance(x, y) == pytest.approx(1 + 8 - 2 * 1)


def test_is_unbiased_for_equal_distributions():
    rng = np.random.default_rng(2)
    values = [kernel_distance(rng.normal(size=(40, 3)), rng.normal(size=(40, 3))) for _ in range(400)]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20
    assert min(values) < 0


def test_one_repeated_sample_against_itself_is_zero():
    x = np.full((30, 8), 2.5)
    assert kernel_distance(x, x) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_tiny_and_huge_features_give_a_finite_value(scale):
    rng = np.random.default_rng(3)
    x, y = scale * rng.normal(size=(30, 100)), scale * rng.normal(1, 1, size=(20, 100))
    assert np.isfinite(kernel_distance(x, y))
    assert kernel_distance(x, y) == pytest.approx(by_loops(x, y), rel=1e-6, abs=1e-12)
