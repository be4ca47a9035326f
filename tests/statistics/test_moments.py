import numpy as np
import pytest

from ganbench.statistics.moments import at, best, distance_at


def test_the_first_of_equal_moments_is_the_best():
    assert best(np.array([3.0, 1.0, 2.0, 1.0])) == 1


def test_between_moments_counts_lie_on_a_straight_line():
    steps, images = np.array([100, 200, 400]), np.array([8, 4, 6])
    assert at(steps, images, 100) == 8
    assert at(steps, images, 150) == pytest.approx(6)
    assert at(steps, images, 300) == pytest.approx(5)
    assert at(steps, images, 400) == 6


def test_between_moments_distances_fall_by_equal_factors():
    steps, values = np.array([100, 200, 400]), np.array([8.0, 2.0, 2.0])
    assert distance_at(steps, values, 100) == pytest.approx(8)
    assert distance_at(steps, values, 150) == pytest.approx(4)
    assert distance_at(steps, values, 300) == pytest.approx(2)
    assert distance_at(steps, values, 99) is None


def test_a_distance_may_be_0():
    steps, values = np.array([1, 3]), np.array([1.0, 0.0])
    assert [distance_at(steps, values, step) for step in (1, 2, 3)] == [1, 0, 0]


def test_outside_of_all_moments_there_is_no_value():
    steps, values = np.array([100, 200]), np.array([8.0, 4.0])
    assert at(steps, values, 99) is None
    assert at(steps, values, 201) is None
