import warnings

import numpy as np
import pytest
import torch
from torchmetrics.image.kid import poly_mmd

from ganbench.evaluation import distances
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence
from ganbench.evaluation.metrics import kernel
from ganbench.evaluation.metrics.kernel import discrepancy, in_blocks, kernel_distance, kid


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
    monkeypatch.setattr(kernel, "SQUARE", 9)
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


def test_the_error_is_the_jackknifes_by_leaving_out_one_sample_after_the_other():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(9, 3)), rng.normal(1, 2, size=(7, 3))
    variance = 0.0
    for n, without in (
        (9, [by_loops(np.delete(x, i, 0), y) for i in range(9)]),
        (7, [by_loops(x, np.delete(y, i, 0)) for i in range(7)]),
    ):
        variance += (n - 1) / n * np.square(np.array(without) - np.mean(without)).sum()
    assert discrepancy(x, y).error == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize(("shift", "most"), [(0.0, 1.8), (1.0, 1.25)])
def test_the_error_is_as_large_as_the_spread_over_draws(shift, most):
    rng = np.random.default_rng(5)
    found = [discrepancy(rng.normal(size=(60, 4)), rng.normal(shift, 1, size=(60, 4))) for _ in range(200)]
    spread = np.std([one.value for one in found])
    assert 0.85 < np.mean([one.error for one in found]) / spread < most


def test_two_samples_a_side_have_a_value_and_no_error():
    rng = np.random.default_rng(6)
    found = discrepancy(rng.normal(size=(2, 3)), rng.normal(size=(2, 3)))
    assert np.isfinite(found.value)
    assert found.error is None


def test_blocks_estimate_the_same_and_say_how_surely():
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(600, 4)), rng.normal(0.7, 1, size=(600, 4))
    whole, blocks = discrepancy(x, y), in_blocks(x, y, 50)
    assert abs(blocks.value - whole.value) < 3 * blocks.error
    one = in_blocks(x[:50], y[:50], 50)
    assert one.value == pytest.approx(discrepancy(x[:50], y[:50]).value, rel=1e-5)
    assert one.error is None


def test_blocks_of_huge_features_stay_finite():
    rng = np.random.default_rng(8)
    x, y = 1e25 * rng.normal(size=(40, 4)), 1e25 * rng.normal(size=(40, 4))
    assert in_blocks(x, y, 20).value == pytest.approx(
        np.mean([kernel_distance(x[b::2], y[b::2]) for b in range(2)]), rel=1e-4
    )


def test_many_pairs_are_compared_in_blocks_and_the_name_says_so(monkeypatch):
    rng = np.random.default_rng(9)
    judged, reference = (Seen(rng.normal(size=(60, 4)).astype(np.float32), np.ones((60, 1))) for _ in range(2))
    evidence = Evidence(judged, reference, {}, 5, False, None)
    assert list(kid(evidence)) == ["kid_judge_60", "kid_error_judge_60"]
    monkeypatch.setattr(kernel, "WHOLE", 60 * 60 * 4 - 1)
    monkeypatch.setattr(kernel, "BLOCK", 20)
    assert list(kid(evidence)) == ["kid_judge_60_b20", "kid_error_judge_60_b20"]
