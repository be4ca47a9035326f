import warnings

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from ganbench.evaluation import screening
from ganbench.evaluation.screening import quickly_squared, reaches, together, within, worst_rounding


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def whole(x, y, reach_x, reach_y):
    """The tiles put together."""
    first, second = (torch.zeros(len(x), len(y), dtype=torch.bool) for _ in range(2))
    for rows, columns, inside_x, inside_y in within(x, reach_x, y, reach_y):
        first[rows, columns], second[rows, columns] = inside_x, inside_y
    return first.numpy(), second.numpy()


def kth(x: np.ndarray, k: int) -> np.ndarray:
    apart = cdist(x, x, "sqeuclidean")
    np.fill_diagonal(apart, np.inf)
    return np.sort(apart, axis=1)[:, k - 1]


@pytest.mark.parametrize(("n", "d", "k"), [(60, 3, 1), (40, 50, 5), (12, 2, 11)])
def test_reaches_are_the_exact_distances_to_the_kth_neighbour(n, d, k):
    x = np.random.default_rng(n).normal(size=(n, d))
    (points,) = together(x)
    np.testing.assert_allclose(reaches(points, k).numpy() * points.scale**2, kth(x, k), rtol=1e-12)


def test_reaches_are_exact_where_float32_can_not_tell_the_neighbours_apart():
    rng = np.random.default_rng(0)
    cluster = 1000 + 1e-3 * rng.normal(size=(60, 4))
    x = np.r_[cluster, rng.normal(size=(40, 4))]
    (points,) = together(x)
    np.testing.assert_allclose(reaches(points, 3).numpy() * points.scale**2, kth(x, 3), rtol=1e-12)


def test_what_lies_within_reach_is_what_exact_distances_say():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(70, 5)), rng.normal(size=(50, 5))
    first, second = together(x, y)
    apart, unit = cdist(x, y, "sqeuclidean"), first.scale**2
    reach_x, reach_y = rng.uniform(2, 12, 70), rng.uniform(2, 12, 50)
    inside = whole(first, second, torch.from_numpy(reach_x / unit), torch.from_numpy(reach_y / unit))
    np.testing.assert_array_equal(inside[0], apart <= reach_x[:, None])
    np.testing.assert_array_equal(inside[1], apart <= reach_y)


def test_a_point_on_the_border_is_inside_and_one_just_beyond_is_not():
    # 3² + 4² = 5², far from the origin, where float32 sees nothing of a difference of 1e-9
    x = np.array([[1e4, 1e4]])
    y = np.array([[1e4 + 3, 1e4 + 4], [1e4 + 3, 1e4 + 4 + 1e-9], [1e4 - 4, 1e4 - 3]])
    first, second = together(x, y)
    unit = first.scale**2
    inside, _ = whole(first, second, torch.tensor([25.0 / unit], dtype=torch.float64), torch.zeros(3).double())
    assert inside.tolist() == [[True, False, True]]


@pytest.mark.parametrize("few", [1, 2**22])
def test_points_that_are_all_the_same_lie_within_a_reach_of_nothing(monkeypatch, few):
    monkeypatch.setattr(screening, "FEW", few)
    x = np.full((30, 3), 0.1)
    first, second = together(x, x)
    assert (reaches(first, 5) == 0).all()
    inside, _ = whole(first, second, torch.zeros(30).double(), torch.zeros(30).double())
    assert inside.all()


def test_many_pairs_in_doubt_are_decided_in_float64(monkeypatch):
    monkeypatch.setattr(screening, "FEW", 8)
    rng = np.random.default_rng(2)
    x = np.r_[1000 + 1e-4 * rng.normal(size=(40, 3)), rng.normal(size=(5, 3))]
    first, second = together(x, x)
    apart, unit = cdist(x, x, "sqeuclidean"), first.scale**2
    reach = np.full(45, np.median(apart[:40, :40]) * 1.000001)
    inside, _ = whole(first, second, torch.from_numpy(reach / unit), torch.from_numpy(reach / unit))
    np.testing.assert_array_equal(inside, apart <= reach[:, None])


@pytest.mark.parametrize("far", [1e3, 1e15, 1e20])
def test_a_point_that_is_far_away_leaves_few_of_the_others_in_doubt(monkeypatch, far):
    monkeypatch.setattr(screening, "FEW", 8)
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(300, 6)), rng.normal(size=(200, 6))
    x[7], y[100] = far, -far
    measured = []

    def counted(self, rows, others, columns):
        measured.append(max(rows.numel(), columns.numel()))
        return exact(self, rows, others, columns)

    exact = screening.Points.exact
    monkeypatch.setattr(screening.Points, "exact", counted)
    first, second = together(x, y)
    reach_x, reach_y = reaches(first, 5), reaches(second, 5)
    np.testing.assert_allclose(reach_x.numpy() * first.scale**2, kth(x, 5), rtol=1e-12)
    np.testing.assert_allclose(reach_y.numpy() * first.scale**2, kth(y, 5), rtol=1e-12)
    inside = whole(first, second, reach_x, reach_y)
    apart = cdist(x, y, "sqeuclidean")
    np.testing.assert_array_equal(inside[0], apart <= kth(x, 5)[:, None])
    np.testing.assert_array_equal(inside[1], apart <= kth(y, 5))
    assert sum(measured) < 20_000  # of 190,000 pairs, in two sets and between them


@pytest.mark.parametrize("d", [2, 64, 128, 2048])
def test_the_margin_covers_the_rounding_of_float32(d):
    rng = np.random.default_rng(3)
    x, y = 5 + rng.normal(size=(200, d)), rng.normal(0, 3, size=(200, d))
    first, second = together(x, y)
    assert largest_error(first, second) < first.slack


@pytest.mark.parametrize("d", [2, 64, 2048])
def test_the_margin_covers_sums_whose_every_rounding_goes_the_same_way(d):
    """All products are alike, a little more than half a unit above a number that float32 holds."""
    x = np.full((8, d), 1 + 2.0**-12 + 2.0**-24) * np.linspace(0.5, 1, 8)[:, None]
    first, second = together(np.r_[x, -x], np.r_[-x, x])
    assert largest_error(first, second) < first.slack


def test_the_bound_grows_with_the_number_of_features():
    unit = 2.0**-24
    assert worst_rounding(128) == pytest.approx(144 * unit, rel=1e-4)
    assert worst_rounding(2048) == pytest.approx(2064 * unit, rel=1e-3)


def largest_error(first, second) -> float:
    """Of squared distances in float32, relative to the squared norms."""
    every = slice(0, len(first)), slice(0, len(second))
    one, other = (points.middle(part) for points, part in zip((first, second), every, strict=True))
    rough = quickly_squared(first, every[0], second, every[1]).double()
    true = (one[:, None] - other).square().sum(2)
    norms = one.square().sum(1)[:, None] + other.square().sum(1)
    return float(((rough - true).abs() / norms).max())
