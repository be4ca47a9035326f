"""Batches: every image once an epoch, in an order that the seed decides."""

import numpy as np
import torch

from ganbench.data.batches import ImageStream, to_uint8

CPU = torch.device("cpu")


def stream(count: int = 10, batch_size: int = 4, seed: int = 0) -> ImageStream:
    images = np.arange(count, dtype=np.uint8).reshape(count, 1, 1, 1)
    return ImageStream(images, np.arange(count, dtype=np.int64), batch_size, seed, CPU)


def test_the_stream_shows_every_image_once_an_epoch_across_batches() -> None:
    batches = stream(count=10, batch_size=4)
    shown = torch.cat([batches.next().labels for _ in range(5)])
    assert sorted(shown[:10].tolist()) == sorted(shown[10:].tolist()) == list(range(10))
    assert shown[:10].tolist() != shown[10:].tolist()


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    first, again, other = stream(seed=1), stream(seed=1), stream(seed=2)
    orders = [torch.cat([batches.next().labels for _ in range(6)]).tolist() for batches in (first, again, other)]
    assert orders[0] == orders[1] != orders[2]
    later = stream(seed=1)
    later.position = 8
    assert later.next().labels.tolist() == orders[0][8:12]


def test_a_batch_may_be_larger_than_the_split() -> None:
    labels = stream(count=3, batch_size=7).next().labels
    assert len(labels) == 7
    assert sorted(labels[:3].tolist()) == sorted(labels[3:6].tolist()) == [0, 1, 2]


def test_pixels_go_to_minus_one_to_one_and_back() -> None:
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    batch = ImageStream(images, np.zeros(1, np.int64), 1, 0, CPU).next().images
    assert batch.shape == (1, 1, 16, 16)
    assert (batch.min().item(), batch.max().item()) == (-1.0, 1.0)
    assert np.array_equal(to_uint8(batch), images)
