import numpy as np
import pytest

from ganbench.evaluation.matching import standardised_gap, strangers


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
