"""Comparisons: against scipy, by hand, and what chance alone would find."""

import itertools

import numpy as np
import pytest
from scipy import stats

from ganbench.statistics.comparison import holm, paired, rank_sum, smallest_p
from ganbench.statistics.worst import FAILED, oriented


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 3), (5, 5), (4, 7), (20, 20)])
def test_the_rank_sum_is_the_exact_one_of_scipy(n, m):
    rng = np.random.default_rng([n, m])
    first, second = rng.normal(0.5, 1, n), rng.normal(0, 1, m)
    ours, theirs = rank_sum(first, second), stats.mannwhitneyu(second, first, method="exact")
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-12)
    assert ours.superiority == pytest.approx(theirs.statistic / (n * m), rel=1e-15)


def test_with_ties_and_failures_it_is_the_count_over_all_permutations():
    first, second = np.array([1.0, 2.0, FAILED]), np.array([2.0, 2.0, FAILED, FAILED])
    together = np.concatenate([first, second])
    ranks = stats.rankdata(together)
    observed, centre = ranks[:3].sum(), 3 * ranks.mean()
    sums = [ranks[list(rows)].sum() for rows in itertools.combinations(range(7), 3)]
    extreme = np.mean([abs(one - centre) >= abs(observed - centre) - 1e-12 for one in sums])
    assert rank_sum(first, second).p == pytest.approx(extreme, rel=1e-12)


def test_a_failed_seed_is_worse_than_any_that_finished():
    values = oriented(np.array([0.9, np.nan, 0.2]), "higher")
    assert rank_sum(values[:1], values[1:]).superiority == 1
    assert rank_sum(values[1:2], values[2:]).superiority == 0


def test_variants_that_are_equal_differ_by_nothing():
    same = np.array([1.0, 1.0, 1.0])
    assert rank_sum(same, same).p == 1
    assert rank_sum(same, same).superiority == 0.5


@pytest.mark.parametrize("n", [2, 3, 4, 5, 10])
def test_complete_separation_gives_the_smallest_p_there_is(n):
    low = np.arange(n, dtype=float)
    assert rank_sum(low, low + n).p == pytest.approx(smallest_p(n), rel=1e-12)


def test_wilcoxon_could_not_find_anything_from_five_pairs():
    assert stats.wilcoxon([1.0, 2.0, 3.0, 4.0, 5.0], method="exact").pvalue == pytest.approx(0.0625)
    assert smallest_p(5) < 0.01


def test_the_paired_test_is_the_one_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.5, 1, 6), rng.normal(0, 1, 6)
    made, theirs = paired(first, second), stats.ttest_rel(first, second)
    interval = theirs.confidence_interval(0.95)
    assert made is not None
    assert made.difference.half is not None
    assert made.p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert made.difference.value - made.difference.half == pytest.approx(interval.low, rel=1e-9)
    assert made.difference.value + made.difference.half == pytest.approx(interval.high, rel=1e-9)


def test_pairs_with_a_failed_seed_have_no_mean_difference():
    assert paired(np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, 3.0])) is None
    assert paired(np.array([1.0]), np.array([2.0])) is None


def test_a_constant_difference_is_certain_and_no_difference_is_none():
    values = np.array([1.0, 2.0, 4.0])
    assert paired(values + 1, values).p == 0
    assert paired(values, values).p == 1


def test_holm_by_hand():
    # in order .01·4, .02·3, .03·2 (never below the one before), .5
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_corrected_comparisons_of_equal_variants_find_something_5_times_in_100_at_most():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(400):
        seeds = rng.normal(size=(4, 5))
        p_values = [rank_sum(first, second).p for first, second in itertools.combinations(seeds, 2)]
        found += min(holm(p_values)) <= 0.05
    assert found / 400 <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5
