import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from ganbench.evaluation import distances
from ganbench.evaluation.distances import nearest, roughly_squared


def test_finds_what_scikit_learn_finds(monkeypatch):
    monkeypatch.setattr(distances, "ROWS", 16)
    monkeypatch.setattr(distances, "COLUMNS", 32)
    rng = np.random.default_rng(0)
    queries, base = rng.normal(size=(50, 6)), rng.normal(size=(300, 6))
    theirs, rows = NearestNeighbors(n_neighbors=4, algorithm="brute").fit(base).kneighbors(queries)
    ours = nearest(queries, base, 4)
    np.testing.assert_array_equal(ours.rows, rows)
    np.testing.assert_allclose(ours.distances, theirs, rtol=1e-12)


def test_near_duplicates_far_from_the_origin_keep_their_true_distance():
    rng = np.random.default_rng(1)
    base = (1000 + rng.normal(size=(40, 128))).astype(np.float32)
    queries = base + np.float32(0.002)
    true = np.linalg.norm(base.astype(np.float64) - queries.astype(np.float64), axis=1)
    naive = torch.cdist(torch.from_numpy(queries), torch.from_numpy(base), compute_mode="use_mm_for_euclid_dist")
    assert np.abs(naive.min(1).values.numpy() / true - 1).max() > 0.5
    found = nearest(queries, base, 1)
    np.testing.assert_allclose(found.distances[:, 0], true, rtol=1e-12)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(40))


def test_a_copy_is_at_distance_zero_and_of_equals_the_first_row_is_named():
    base = np.random.default_rng(2).normal(size=(20, 5))
    base[13] = base[4]
    found = nearest(base[[13]], base, 2)
    assert found.distances.tolist() == [[0.0, 0.0]]
    assert found.rows.tolist() == [[4, 13]]


def test_as_many_neighbours_as_there_are_points_can_be_asked_for():
    found = nearest(np.zeros((2, 3)), np.eye(3), 3)
    assert found.rows.tolist() == [[0, 1, 2], [0, 1, 2]]
    np.testing.assert_allclose(found.distances, 1)


def test_squared_distances_below_rounding_error_are_zero_and_others_are_right():
    x = torch.from_numpy(np.random.default_rng(3).normal(size=(30, 64)))
    found = roughly_squared(x, x)
    assert (found.diagonal() == 0).all()
    torch.testing.assert_close(found, torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist").square())


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_points_may_be_arrays_of_any_shape_and_type(dtype):
    base = np.arange(48, dtype=dtype).reshape(4, 2, 2, 3)
    assert nearest(base[2:3], base, 1).rows.tolist() == [[2]]
