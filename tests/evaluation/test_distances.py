import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from ganbench.evaluation import distances, screening
from ganbench.evaluation.distances import nearest, roughly_squared
from ganbench.evaluation.screening import quickly_nearest

EITHER = pytest.mark.parametrize("find", [nearest, quickly_nearest])


@EITHER
def test_finds_what_scikit_learn_finds(find, monkeypatch):
    monkeypatch.setattr(distances, "ROWS", 16)
    for module in (distances, screening):
        monkeypatch.setattr(module, "COLUMNS", 32)
    rng = np.random.default_rng(0)
    queries, base = rng.normal(size=(50, 6)), rng.normal(size=(300, 6))
    theirs, rows = NearestNeighbors(n_neighbors=4, algorithm="brute").fit(base).kneighbors(queries)
    ours = find(queries, base, 4)
    np.testing.assert_array_equal(ours.rows, rows)
    np.testing.assert_allclose(ours.distances, theirs, rtol=1e-12)


@EITHER
def test_near_duplicates_far_from_the_origin_keep_their_true_distance(find):
    rng = np.random.default_rng(1)
    base = (1000 + rng.normal(size=(40, 128))).astype(np.float32)
    queries = base + np.float32(0.002)
    true = np.linalg.norm(base.astype(np.float64) - queries.astype(np.float64), axis=1)
    naive = torch.cdist(torch.from_numpy(queries), torch.from_numpy(base), compute_mode="use_mm_for_euclid_dist")
    assert np.abs(naive.min(1).values.numpy() / true - 1).max() > 0.5
    found = find(queries, base, 1)
    np.testing.assert_allclose(found.distances[:, 0], true, rtol=1e-12)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(40))


@EITHER
def test_a_copy_is_at_distance_zero_and_of_equals_the_first_row_is_named(find):
    base = np.random.default_rng(2).normal(size=(20, 5))
    base[13] = base[4]
    found = find(base[[13]], base, 2)
    assert found.distances.tolist() == [[0.0, 0.0]]
    assert found.rows.tolist() == [[4, 13]]


@EITHER
def test_as_many_neighbours_as_there_are_points_can_be_asked_for(find):
    found = find(np.zeros((2, 3)), np.eye(3), 3)
    assert found.rows.tolist() == [[0, 1, 2], [0, 1, 2]]
    np.testing.assert_allclose(found.distances, 1)


@pytest.mark.parametrize("far", [1e3, 1e12])
def test_neighbours_that_float32_can_not_tell_apart_are_found_in_float64(far):
    rng = np.random.default_rng(4)
    base = np.r_[far + 1e-3 * rng.normal(size=(60, 4)), rng.normal(size=(40, 4))]
    queries = np.r_[far + 1e-3 * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))]
    one, other = quickly_nearest(queries, base, 3), nearest(queries, base, 3)
    np.testing.assert_array_equal(one.distances, other.distances)
    np.testing.assert_array_equal(one.rows, other.rows)


def test_squared_distances_below_rounding_error_are_zero_and_others_are_right():
    x = torch.from_numpy(np.random.default_rng(3).normal(size=(30, 64)))
    found = roughly_squared(x, x)
    assert (found.diagonal() == 0).all()
    torch.testing.assert_close(found, torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").square())


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_points_may_be_arrays_of_any_shape_and_type(dtype):
    base = np.arange(48, dtype=dtype).reshape(4, 2, 2, 3)
    assert nearest(base[2:3], base, 1).rows.tolist() == [[2]]
