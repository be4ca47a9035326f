import numpy as np
import pytest

from ganbench.data.points.source import POINT_SOURCES, MixtureSource, open_points
from ganbench.data.points.sources.mixture_1d import Mixture1D
from ganbench.data.points.sources.swiss_roll import SwissRoll
from ganbench.errors import BenchError
from ganbench.params import Choice

SOURCES = sorted(POINT_SOURCES.entries())
WIDE = {"ring": {"std": 0.1}, "grid": {"std": 0.5}, "swiss_roll": {"std": 0.06}, "mixture_1d": None}


@pytest.mark.parametrize("name", SOURCES)
def test_the_density_integrates_to_one(name: str) -> None:
    source = open_points(Choice(name=name, options=WIDE[name]))
    ticks = np.linspace(-1.5 * source.reach, 1.5 * source.reach, 101 if source.dim == 2 else 4001)
    places = np.stack(np.meshgrid(*[ticks] * source.dim), axis=-1).reshape(-1, source.dim)
    total = np.exp(source.log_density(places)).sum() * (ticks[1] - ticks[0]) ** source.dim
    assert total == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", SOURCES)
def test_draws_have_the_moments_of_the_density(name: str) -> None:
    source = open_points(Choice(name=name, options=WIDE[name]))
    ticks = np.linspace(-1.5 * source.reach, 1.5 * source.reach, 101 if source.dim == 2 else 4001)
    places = np.stack(np.meshgrid(*[ticks] * source.dim), axis=-1).reshape(-1, source.dim)
    weights = np.exp(source.log_density(places)) * (ticks[1] - ticks[0]) ** source.dim
    drawn = source.draw(40_000, np.random.default_rng(0))
    scale = drawn.std()
    assert np.allclose(drawn.mean(axis=0), weights @ places, atol=0.02 * scale)
    assert np.allclose(np.square(drawn).mean(axis=0), weights @ np.square(places), rtol=0.03)


@pytest.mark.parametrize("name", SOURCES)
def test_draws_are_a_function_of_the_seed(name: str) -> None:
    source = open_points(Choice(name=name))
    first, again, other = (source.draw(50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(first).max() < source.reach


def test_ring_and_grid_are_those_of_the_published_tables() -> None:
    ring, grid = open_points(Choice(name="ring")), open_points(Choice(name="grid"))
    assert isinstance(ring, MixtureSource)
    assert isinstance(grid, MixtureSource)
    assert np.allclose(np.linalg.norm(ring.modes.centres, axis=1), 1)
    assert len(ring.modes.weights) == 8
    assert ring.modes.stds[0] == 0.01
    assert {tuple(centre) for centre in grid.modes.centres} == {
        (x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)
    }
    assert grid.modes.stds[0] == 0.05


def test_the_swiss_roll_has_no_modes_and_mixtures_do() -> None:
    assert SwissRoll().modes is None
    assert Mixture1D(means=(0.0, 2.0), stds=(1.0, 1.0), weights=(1.0, 3.0)).modes.weights.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (Choice(name="rng"), "unknown dataset 'rng' (did you mean 'ring'?)"),
        (Choice(name="ring", options={"std": 0}), "std"),
        (Choice(name="mixture_1d", options={"means": [0.0]}), "1 means, 4 stds and 4 weights"),
    ],
)
def test_bad_data_are_refused_with_the_key(dataset: Choice, said: str) -> None:
    with pytest.raises(BenchError) as refused:
        open_points(dataset)
    assert said in refused.value.message
    assert "points.dataset" in refused.value.message
