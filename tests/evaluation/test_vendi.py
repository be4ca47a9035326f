import warnings

import numpy as np
import pytest
from scipy.stats import entropy

from ganbench.evaluation.metrics import vendi as module
from ganbench.evaluation.metrics.vendi import vendi_score


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def by_kernel(x: np.ndarray) -> float:
    """The definition: eigenvalues of the n × n matrix of cosines."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(unit @ unit.T / len(x))
    return float(np.exp(entropy(values[values > 1e-15])))


@pytest.mark.parametrize(("n", "d"), [(40, 7), (12, 30), (9, 9)])
def test_is_the_entropy_of_the_eigenvalues_of_the_kernel(n, d):
    x = np.abs(np.random.default_rng(n).normal(size=(n, d)))
    assert vendi_score(x) == pytest.approx(by_kernel(x), rel=1e-9)


def test_images_without_anything_in_common_count_each():
    assert vendi_score(np.eye(6)) == pytest.approx(6)
    assert vendi_score(np.repeat(np.eye(6), 4, axis=0)) == pytest.approx(6)


def test_unequal_groups_count_by_their_entropy():
    assert vendi_score(np.repeat(np.eye(3), [1, 2, 7], axis=0)) == pytest.approx(np.exp(entropy([0.1, 0.2, 0.7])))


@pytest.mark.parametrize("n", [1, 2, 50])
def test_one_repeated_image_counts_once(n):
    assert vendi_score(np.repeat([[0.3, 0.0, 2.0]], n, axis=0)) == pytest.approx(1)


def test_images_without_features_are_alike_and_unlike_all_others():
    assert vendi_score(np.zeros((20, 5))) == pytest.approx(1)
    assert vendi_score(np.r_[np.zeros((5, 3)), np.tile([1.0, 0, 0], (5, 1))]) == pytest.approx(2)


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1e6, 1e30])
def test_scale_changes_nothing_and_blocks_neither(scale, monkeypatch):
    x = np.abs(np.random.default_rng(0).normal(size=(50, 6))).astype(np.float32)
    whole = vendi_score(x)
    monkeypatch.setattr(module, "ROWS", 7)
    assert vendi_score((scale * x.astype(np.float64)).astype(np.float32)) == pytest.approx(whole, rel=1e-5)
