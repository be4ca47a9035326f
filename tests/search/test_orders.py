"""The closed form of the best of k against orders that are drawn."""

import numpy as np
import pytest

from ganbench.search.orders import SHARE, orders


def test_the_quantiles_are_those_of_drawn_orders():
    values = np.random.default_rng(0).lognormal(size=12)
    found = orders(list(values), "lower")
    drawn = np.minimum.accumulate(np.random.default_rng(1).choice(values, (40_000, 12)), axis=1)
    for share, border in (((1 - SHARE) / 2, found.low), (0.5, found.median), ((1 + SHARE) / 2, found.high)):
        for k in range(12):
            assert (drawn[:, k] < border[k]).mean() <= share + 0.01
            assert (drawn[:, k] <= border[k]).mean() >= share - 0.01


def test_one_trial_is_as_good_as_the_median_of_all_and_more_are_never_worse():
    found = orders([5.0, 1.0, 3.0, 2.0, 4.0], "lower")
    assert found.median[0] == 3
    assert (np.diff(found.median) <= 0).all()
    assert (found.low <= found.median).all()
    assert (found.median <= found.high).all()


def test_where_more_is_better_it_is_the_mirror_image():
    values = [0.1, 0.7, 0.3, 0.5]
    up, down = orders(values, "higher"), orders([-value for value in values], "lower")
    assert up.median.tolist() == (-down.median).tolist()
    assert up.low.tolist() == (-down.high).tolist()
    assert up.high.tolist() == (-down.low).tolist()


def test_a_diverged_trial_is_worse_than_all_others():
    found = orders([None, None, 2.0], "lower")
    assert found.median.tolist() == [np.inf, 2, 2]
    assert orders([None, 2.0, None], "higher").median[0] == -np.inf


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_the_order_in_which_the_trials_came_does_not_matter(better):
    one, other = orders([3.0, None, 1.0, 2.0], better), orders([None, 2.0, 3.0, 1.0], better)
    assert one.median.tolist() == other.median.tolist()
    assert one.high.tolist() == other.high.tolist()
