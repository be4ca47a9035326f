"""A history of generated images (Shrivastava et al. 2017)."""

import pytest
import torch

from ganbench.games.translation.memory import Pool
from ganbench.networks.network import ImageShape

SHAPE = ImageShape(1, 1)


def numbered(start: int, count: int) -> torch.Tensor:
    """Images of one pixel, each with a number of its own."""
    return torch.arange(start, start + count, dtype=torch.float32).view(-1, 1, 1, 1)


@pytest.mark.parametrize(("size", "batch"), [(50, 1), (50, 16), (16, 16), (10, 4)])
def test_the_first_images_are_given_back(size: int, batch: int) -> None:
    torch.manual_seed(0)
    pool = Pool(size, SHAPE)
    for start in range(0, size - batch + 1, batch):
        images = numbered(start, batch)
        assert torch.equal(pool.exchange(images), images)
    kept = size // batch * batch
    assert torch.equal(pool.images[:kept].flatten(), torch.arange(float(kept)))


@pytest.mark.parametrize("batch", [1, 4])
def test_half_of_the_images_are_old_once_it_is_full(batch: int) -> None:
    torch.manual_seed(0)
    pool, old, rounds = Pool(8, SHAPE), 0, 2000
    for start in range(0, 8, batch):
        pool.exchange(numbered(start, batch))
    for number in range(rounds):
        images = numbered(100 + number * batch, batch)
        old += int((pool.exchange(images) != images).sum())
    assert old / (rounds * batch) == pytest.approx(0.5, abs=0.03)


def test_no_image_is_lost_or_doubled() -> None:
    """What came in is in the pool or was given back, once."""
    torch.manual_seed(0)
    pool, given = Pool(10, SHAPE), []
    for start in range(1, 401, 4):  # the pool is full in the middle of a batch
        given.append(pool.exchange(numbered(start, 4)).flatten())
        new = numbered(start, 4).flatten()
        if start > 12:
            fresh = set(given[-1].tolist()) & set(new.tolist())
            stored = set(pool.images.flatten().tolist()) & set(new.tolist())
            assert fresh | stored == set(new.tolist())
            assert not fresh & stored
        held = pool.images.flatten()
        assert held[held > 0].unique().numel() == min(10, start + 3)
        assert given[-1].unique().numel() == 4


def test_every_place_is_as_likely() -> None:
    """Once it is full an image stays for as long as a place of 1/size is drawn with probability ½: 2 size draws."""
    torch.manual_seed(0)
    pool, ages = Pool(5, SHAPE), []
    for number in range(8000):
        given = pool.exchange(numbered(number, 1)).item()
        if number >= 5 and given != number:
            ages.append(number - given)
    assert sum(ages) / len(ages) == pytest.approx(2 * 5, rel=0.06)


def test_a_pool_of_nothing_gives_every_image_back() -> None:
    images = numbered(0, 4)
    assert torch.equal(Pool(0, SHAPE).exchange(images), images)


def test_a_pool_goes_on_where_its_state_says() -> None:
    torch.manual_seed(0)
    pool, again = Pool(4, SHAPE), Pool(4, SHAPE)
    for start in range(0, 20, 2):
        pool.exchange(numbered(start, 2))
    again.load_state_dict(pool.state_dict())
    random = torch.get_rng_state()
    one = pool.exchange(numbered(50, 2))
    torch.set_rng_state(random)
    assert torch.equal(one, again.exchange(numbered(50, 2)))
    assert torch.equal(pool.images, again.images)
