import numpy as np
import pytest
import torch

from ganbench.data.points.source import open_points
from ganbench.data.points.stream import PointStream
from ganbench.params import Choice

CPU = torch.device("cpu")


def stream(seeds: list[int], pool: int | None = None, batch: int = 4) -> PointStream:
    return PointStream(open_points(Choice(name="ring")), batch, seeds, CPU, pool)


@pytest.mark.parametrize("pool", [None, 12])
def test_a_seed_draws_the_same_whoever_stands_beside_it(pool: int | None) -> None:
    alone, together = stream([7], pool), stream([3, 7, 9], pool)
    for _ in range(70):  # beyond a block, and over several epochs
        assert torch.equal(alone.next().images[0], together.next().images[1])


@pytest.mark.parametrize("pool", [None, 12])
def test_the_position_alone_says_what_comes_next(pool: int | None) -> None:
    ahead, later = stream([0, 1], pool), stream([0, 1], pool)
    batches = [ahead.next().images for _ in range(70)]
    later.position = 67
    assert torch.equal(later.next().images, batches[67])


def test_an_epoch_shows_every_point_of_the_pool_once_in_a_new_order() -> None:
    shuffled = stream([5], pool=12)
    first, second = ([shuffled.next().images[0] for _ in range(3)] for _ in range(2))
    one, two = torch.cat(first).numpy(), torch.cat(second).numpy()
    assert not np.array_equal(one, two)
    assert np.array_equal(np.sort(one, axis=0), np.sort(two, axis=0))


def test_fresh_batches_do_not_repeat() -> None:
    fresh = stream([0])
    drawn = torch.cat([fresh.next().images[0] for _ in range(130)])
    assert len(torch.unique(drawn, dim=0)) == len(drawn)
