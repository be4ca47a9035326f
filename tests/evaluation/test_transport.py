import warnings

import numpy as np
import ot
import pytest
from scipy.stats import wasserstein_distance

from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence
from ganbench.evaluation.metrics import transport as module
from ganbench.evaluation.metrics.transport import exact, sliced, transport


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(("n", "d"), [(60, 5), (20, 64), (100, 1)])
def test_the_exact_distance_is_that_of_pot(n, d):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, d)), rng.normal(0.5, 1.5, size=(n, d))
    expected = ot.emd2([], [], ot.dist(x, y, "sqeuclidean")) ** 0.5
    assert exact(x, y) == pytest.approx(expected, rel=1e-6)


def test_a_shift_costs_its_length_whatever_the_points():
    x = np.random.default_rng(1).normal(size=(50, 8))
    shift = np.arange(8) / 10
    assert exact(x, (x + shift)[::-1]) == pytest.approx(np.linalg.norm(shift))


def test_a_set_is_at_no_distance_from_itself_in_any_order():
    x = 100 + np.random.default_rng(2).normal(size=(40, 8))
    assert exact(x, x[::-1]) == 0
    assert sliced(x, x[::-1], 32, 0) == 0


def test_sliced_agrees_with_pot_up_to_the_choice_of_directions():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(200, 6)), rng.normal(1, 2, size=(200, 6))
    theirs = ot.sliced_wasserstein_distance(x, y, n_projections=4000, seed=1)
    assert sliced(x, y, 4000, 0) == pytest.approx(float(theirs), rel=0.02)


def test_on_a_line_every_direction_is_the_line():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(80, 1)), rng.normal(2, 1, size=(80, 1))
    assert sliced(x, y, 8, 0) == pytest.approx(exact(x, y), rel=1e-9)
    assert sliced(x, x + 3, 8, 0) == pytest.approx(wasserstein_distance(x[:, 0], x[:, 0] + 3))


def test_a_shift_in_d_dimensions_is_seen_at_a_root_of_d_of_its_length():
    x, d = np.random.default_rng(5).normal(size=(50, 16)), 16
    shift = np.zeros(d)
    shift[3] = 4.0
    assert sliced(x, x + shift, 20_000, 0) == pytest.approx(4 / np.sqrt(d), rel=0.02)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_both_scale_with_the_features(scale):
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(40, 8)), rng.normal(1, 2, size=(40, 8))
    assert exact(scale * x, scale * y) == pytest.approx(scale * exact(x, y), rel=1e-9)
    assert sliced(scale * x, scale * y, 16, 0) == pytest.approx(scale * sliced(x, y, 16, 0), rel=1e-9)


def test_above_the_bound_a_seeded_choice_is_compared_and_the_name_says_how_many(monkeypatch):
    monkeypatch.setattr(module, "EXACT", 30)
    rng = np.random.default_rng(7)
    judged, reference = (Seen(rng.normal(size=(50, 4)).astype(np.float32), np.ones((50, 1))) for _ in range(2))
    none = Nearest(np.ones((50, 4)), np.zeros((50, 4), np.int64))
    evidence = Evidence(judged, reference, {"feature": none}, 5, False, None)
    found = transport(evidence)
    assert list(found) == ["w2_judge_30", "sliced_w2_judge_50_p128"]
    assert found == transport(evidence)
    assert found["sliced_w2_judge_50_p128"] < found["w2_judge_30"]
