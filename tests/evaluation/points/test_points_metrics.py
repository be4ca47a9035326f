import numpy as np
import ot
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import wasserstein_distance

from ganbench.data.points.source import Modes, open_points
from ganbench.evaluation.measurement import Said
from ganbench.evaluation.points.metric import Evidence, measure
from ganbench.evaluation.points.metrics.modes import count, expected_high_quality
from ganbench.evaluation.points.metrics.transport import distance
from ganbench.params import Choice

SQUARE = Modes(np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]), np.full(4, 0.01), np.full(4, 0.25))


def test_a_point_is_of_high_quality_within_three_deviations_of_its_mode() -> None:
    points = np.array([[0.029, 0], [0.031, 0], [1, 0], [1, 0.001]])
    found = count(points, SQUARE)
    assert found.of_mode.tolist() == [1, 2, 0, 0]
    assert found.high_quality == 0.75
    expected = (1 / 3) * np.log((1 / 3) / 0.25) + (2 / 3) * np.log((2 / 3) / 0.25)
    assert found.reverse_kl == pytest.approx(expected)


def test_points_far_from_every_mode_count_as_the_worst_that_can_be() -> None:
    found = count(np.full((5, 2), 9.0), SQUARE)
    assert found.of_mode.sum() == 0
    assert found.high_quality == 0
    assert found.reverse_kl == pytest.approx(np.log(4))


@pytest.mark.parametrize(("dim", "share"), [(1, 0.9973), (2, 1 - np.exp(-4.5))])
def test_the_ceiling_of_high_quality_is_that_of_a_gaussian(dim: int, share: float) -> None:
    assert expected_high_quality(dim) == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(("data", "kl"), [("ring", 7 / 5000), ("grid", 24 / 5000)])
def test_real_points_reach_the_published_floor(data: str, kl: float) -> None:
    """(K − 1) / 2n for n points of K equal modes: .0014 on the ring, .0049 on the grid at 2,500."""
    source, draws = open_points(Choice(name=data)), []
    assert source.modes is not None
    for seed in range(30):
        draws.append(count(source.draw(2500, np.random.default_rng(seed)), source.modes))
    assert np.mean([found.reverse_kl for found in draws]) == pytest.approx(kl, rel=0.25)
    assert np.mean([found.high_quality for found in draws]) == pytest.approx(0.9889, abs=0.002)
    assert all((found.of_mode > 0).all() for found in draws)


def test_distances_between_points_are_exact() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    assert distance(first, first + np.array([3, 4]), 1) == pytest.approx(5)
    assert distance(first, first + np.array([3, 4]), 2) == pytest.approx(5)
    plan = ot.emd([], [], ot.dist(first, second, "euclidean"))
    assert distance(first, second, 1) == pytest.approx(float((plan * ot.dist(first, second, "euclidean")).sum()))
    assert distance(first, second, 2) ** 2 == pytest.approx(float(ot.emd2([], [], ot.dist(first, second))))


@pytest.mark.parametrize("scale", [1e-12, 1e-8, 1.0, 1e12])
def test_distances_are_those_of_the_best_matching_at_any_scale(scale: float) -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(80, 2)), rng.normal(size=(80, 2)) + 1
    for order in (1, 2):
        costs = np.linalg.norm(first[:, None] - second, axis=2) ** order
        exact = costs[linear_sum_assignment(costs)].mean() ** (1 / order)
        assert distance(scale * first, scale * second, order) == pytest.approx(scale * exact, rel=1e-9)


def test_points_are_at_no_distance_from_themselves() -> None:
    points = np.random.default_rng(3).normal(size=(50, 2))
    assert distance(points, points[::-1], 2) == 0
    assert distance(np.ones((5, 2)), np.ones((5, 2)), 1) == 0


def test_on_a_line_the_plan_keeps_the_order() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(80, 1)), rng.gumbel(size=(80, 1))
    assert distance(first, second, 1) == pytest.approx(wasserstein_distance(first[:, 0], second[:, 0]))
    assert distance(first, second, 2) ** 2 == pytest.approx(float(ot.emd2([], [], ot.dist(first, second))))


def test_names_say_data_and_count_and_a_curve_has_no_modes() -> None:
    source = open_points(Choice(name="swiss_roll"))
    points = source.draw(40, np.random.default_rng(0))
    values, left_out, said = measure(Evidence(points, points, source, "swiss_roll"))
    assert values == {"w1_swiss_roll_40": pytest.approx(0), "w2_swiss_roll_40": pytest.approx(0)}
    assert "no modes" in left_out["modes"]
    assert said["w1_swiss_roll_40"] == Said(ceiling=0.0, n=40, reads=None)


@pytest.mark.parametrize(("data", "modes", "share"), [("ring", 8, 0.9889), ("grid", 25, 0.9889)])
def test_the_ceilings_are_those_of_the_distribution_itself(data: str, modes: int, share: float) -> None:
    source = open_points(Choice(name=data))
    points = source.draw(30, np.random.default_rng(0))
    said = measure(Evidence(points, points, source, data)).said
    assert {name: entry.ceiling for name, entry in said.items()} == {
        f"modes_{data}_30": modes,
        f"high_quality_{data}_30": pytest.approx(share, abs=1e-4),
        f"reverse_kl_{data}_30": 0,
        f"w1_{data}_30": 0,
        f"w2_{data}_30": 0,
    }
