import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ganbench.evaluation.matching import auc, standardised_gap, strangers


@pytest.mark.parametrize("levels", [1000, 4])
def test_the_area_under_the_curve_is_that_of_scikit_learn_ties_included(levels):
    rng = np.random.default_rng(0)
    higher, lower = rng.integers(0, levels, 70) + levels / 10, rng.integers(0, levels, 90).astype(float)
    truth = np.r_[np.ones(70), np.zeros(90)]
    assert auc(higher, lower) == pytest.approx(roc_auc_score(truth, np.r_[higher, lower]), abs=1e-12)


def test_the_area_is_one_where_all_matched_scores_are_higher_and_a_half_where_all_are_equal():
    assert auc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert auc(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 0
    assert auc(np.ones(5), np.ones(7)) == 0.5


def test_the_gap_counts_pooled_deviations():
    higher, lower = np.array([3.0, 5.0]), np.array([0.0, 4.0])  # unbiased variances 2 and 8
    assert standardised_gap(higher, lower) == pytest.approx((4 - 2) / np.sqrt(5))
    assert standardised_gap(lower, higher) == pytest.approx(-2 / np.sqrt(5))


def test_scores_that_do_not_vary_have_no_gap():
    assert standardised_gap(np.ones(4), np.zeros(4)) is None


def test_a_stranger_always_means_something_else_and_any_such_row_may_come():
    meanings = ["red", "blue", "red", "green", "red"]
    found = np.array([strangers(meanings, seed) for seed in range(200)])
    for row, meaning in enumerate(meanings):
        others = {index for index, other in enumerate(meanings) if other != meaning}
        assert set(found[:, row]) == others
    assert strangers(meanings, 3).tolist() == strangers(meanings, 3).tolist()


def test_strangers_are_drawn_evenly():
    meanings = [("a",), ("b",), ("b",), ("c",)]
    found = np.array([strangers(meanings, seed)[0] for seed in range(3000)])
    np.testing.assert_allclose(np.bincount(found, minlength=4) / 3000, [0, 1 / 3, 1 / 3, 1 / 3], atol=0.03)


def test_where_all_mean_the_same_there_are_no_strangers():
    assert strangers(["red"] * 4, 0) is None
