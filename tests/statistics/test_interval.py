"""The interval of a mean: against scipy, and how often it holds the truth."""

import statistics

import numpy as np
import pytest
from scipy import stats

from ganbench.statistics.interval import Mean, deviation, mean


def test_the_interval_is_the_one_of_scipy():
    values = [12.5, 14.0, 11.75, 13.25, 19.5]
    low, high = stats.t.interval(0.95, 4, loc=statistics.mean(values), scale=stats.sem(values))
    made = mean(values)
    assert made.half is not None
    assert (made.value - made.half, made.value + made.half) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_interval_holds_the_mean_of_normal_seeds_95_times_in_100(n):
    drawn = np.random.default_rng(n).normal(3.0, 2.0, (4000, n))
    made = [mean(row) for row in drawn.tolist()]
    held = np.mean([abs(one.value - 3.0) <= one.half for one in made])
    assert held == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 4000) ** 0.5)


def test_a_percentile_bootstrap_of_five_seeds_holds_it_84_times_in_100():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.0, 1.0, (2000, 5))
    means = drawn[:, rng.integers(0, 5, (400, 5))].mean(axis=2)
    low, high = np.percentile(means, [2.5, 97.5], axis=1)
    assert ((low <= 0) & (high >= 0)).mean() == pytest.approx(0.84, abs=0.03)


def test_one_value_has_neither_interval_nor_deviation():
    assert mean([3.5]) == Mean(3.5, None, 1)
    assert deviation([3.5]) is None


def test_the_deviation_is_that_of_the_standard_library():
    values = [0.1, 0.7, 0.2]
    assert deviation(values) == pytest.approx(statistics.stdev(values), rel=1e-15)
