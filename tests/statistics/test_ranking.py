"""Places and their intervals."""

import numpy as np
import pytest
from scipy import stats

from ganbench.statistics.ranking import ranking
from ganbench.statistics.worst import FAILED, midranks, oriented


def test_midranks_are_those_of_scipy_along_the_first_axis():
    values = np.random.default_rng(0).integers(0, 4, (6, 5)).astype(float)
    values[2, 1] = values[4, 1] = FAILED
    np.testing.assert_array_equal(midranks(values), stats.rankdata(values, axis=0))


def test_variants_that_never_change_places_have_intervals_of_one_place():
    made = ranking(np.array([[3.0, 3.1, 3.2], [1.0, 1.1, 1.2], [2.0, 2.1, 2.2]]))
    assert [(one.place, one.low, one.high) for one in made] == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]
    assert [one.mean_rank for one in made] == [3, 1, 2]


def test_variants_that_are_equal_share_their_places():
    made = ranking(np.ones((3, 4)))
    assert {(one.place, one.low, one.high) for one in made} == {(2, 2, 2)}


def test_a_variant_that_wins_by_chance_has_a_wide_interval():
    made = ranking(np.array([[1.0, 1.0, 1.0, 2.0, 2.0], [2.0, 2.0, 2.0, 1.0, 1.0]]))
    assert (made[0].place, made[0].low, made[0].high) == (1, 1, 2)


def test_a_failed_seed_takes_the_last_place_of_its_seed():
    values = oriented(np.array([[0.9, np.nan, 0.9], [0.5, 0.5, 0.5], [0.4, 0.4, 0.4]]), "higher")
    assert [one.mean_rank for one in ranking(values)] == pytest.approx([5 / 3, 5 / 3, 8 / 3])


def test_the_same_values_give_the_same_intervals():
    values = np.random.default_rng(1).normal(size=(5, 4))
    assert ranking(values) == ranking(values)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_do_not_rank(seeds):
    with pytest.raises(ValueError, match="don't rank"):
        ranking(np.zeros((2, seeds)))
