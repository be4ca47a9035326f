import numpy as np
import pytest
from scipy.stats import entropy

from ganbench.evaluation.metrics.classes import compare


def sure(counts: list[int]) -> np.ndarray:
    """Judged with certainty, so many of each class."""
    return np.repeat(np.eye(len(counts)), counts, axis=0)


def test_equal_frequencies_have_no_divergence():
    found = compare(sure([5, 10, 15]), sure([50, 100, 150]))
    assert (found.covered, found.reverse_kl) == (3, 0)


@pytest.mark.parametrize("seed", range(3))
def test_the_divergence_is_scipys(seed):
    rng = np.random.default_rng(seed)
    judged, real = rng.integers(0, 50, 10).tolist(), rng.integers(1, 50, 10).tolist()
    assert compare(sure(judged), sure(real)).reverse_kl == pytest.approx(entropy(judged, real), rel=1e-12)
    assert compare(sure(judged), sure(real)).covered == np.count_nonzero(judged)


def test_one_class_out_of_c_equally_frequent_ones_is_log_c_away():
    found = compare(sure([7, 0, 0, 0]), sure([30, 30, 30, 30]))
    assert (found.covered, found.reverse_kl) == (1, pytest.approx(np.log(4)))


def test_a_class_that_no_real_image_has_counts_as_half_an_image_there():
    found = compare(sure([0, 10]), sure([99, 0]))
    assert found.reverse_kl == pytest.approx(np.log(99.5 / 0.5))


def test_a_class_that_neither_has_changes_nothing():
    assert compare(sure([3, 0, 9]), sure([8, 0, 4])).reverse_kl == pytest.approx(entropy([3, 9], [8, 4]))


def test_an_image_belongs_to_its_likeliest_class():
    assert compare(np.array([[0.4, 0.35, 0.25]]), sure([1, 1, 1])).covered == 1


def test_the_floor_is_as_expected():
    rng, n, c = np.random.default_rng(0), 2000, 10
    draws = [compare(np.eye(c)[rng.integers(0, c, n)], np.eye(c)[rng.integers(0, c, n)]) for _ in range(200)]
    assert np.mean([found.reverse_kl for found in draws]) == pytest.approx((c - 1) / n, rel=0.1)
