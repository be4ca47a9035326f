import numpy as np
import pytest

from ganbench.statistics.moments import at, best


def test_the_first_of_equal_moments_is_the_best():
    assert best(np.array([3.0, 1.0, 2.0, 1.0])) == 1


def test_between_moments_values_lie_on_a_straight_line():
    steps, values = np.array([100, 200, 400]), np.array([8.0, 4.0, 6.0])
    assert at(steps, values, 100) == 8
    assert at(steps, values, 150) == pytest.approx(6)
    assert at(steps, values, 300) == pytest.approx(5)
    assert at(steps, values, 400) == 6


def test_outside_of_all_moments_there_is_no_value():
    steps, values = np.array([100, 200]), np.array([8.0, 4.0])
    assert at(steps, values, 99) is None
    assert at(steps, values, 201) is None
