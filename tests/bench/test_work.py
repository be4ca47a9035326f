"""Operations, bytes and the limit of a round, against what can be counted by hand."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ganbench.bench.breakdown import breakdown
from ganbench.bench.work import Trace, gflop, measure_limit

CPU = torch.device("cpu")


def test_operations_of_a_matrix_product_are_two_for_each_of_its_multiplications() -> None:
    left, right = torch.randn(5, 7), torch.randn(7, 3)
    assert gflop(lambda: left @ right) == pytest.approx(2 * 5 * 7 * 3 / 1e9)


def test_forward_and_backward_are_counted_as_torchs_counter_counts_them() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 1))
    images = torch.randn(4, 3, 4, 4)

    def play() -> None:
        network(images).sum().backward()

    with FlopCounterMode(display=False) as counter:
        play()
    assert gflop(play) == pytest.approx(counter.get_total_flops() / 1e9)


def test_products_of_a_penaltys_second_backward_pass_are_seen() -> None:
    critic, points = nn.Linear(6, 1, bias=False), torch.randn(4, 6)

    def slope() -> torch.Tensor:
        return torch.func.grad(lambda x: critic(x).square().sum())(points)

    first = gflop(slope)
    assert gflop(lambda: slope().square().sum().backward()) > first > 0


def test_elementwise_operators_read_and_write_their_bytes_and_views_none() -> None:
    values, out = torch.randn(1000), torch.empty(1000)
    with Trace() as trace:
        torch.add(values, 1, out=out).view(10, 100)
    assert trace.bytes == pytest.approx(2 * 4000, abs=4000)  # `out` is an argument as well as a result
    assert not trace.products


def test_the_limit_of_one_large_product_is_about_its_own_time() -> None:
    left, right = torch.randn(400, 400), torch.randn(400, 400)
    limit = measure_limit(lambda: left @ right, 1, CPU, budget=0.02)
    assert limit.moved_mb == 0
    assert limit.seconds == limit.products_seconds > 0
    record = limit.record(rate=0.5 / limit.products_seconds)
    assert record["share"] == record["share_of_products"] == pytest.approx(0.5)
    assert record["images_per_second"] == pytest.approx(1 / limit.products_seconds)


def test_a_profile_shares_the_time_out() -> None:
    left = torch.randn(200, 200)
    shares = breakdown(lambda: (left @ left).relu(), 3, CPU)
    assert sum(shares.values()) == pytest.approx(1, abs=0.05)
    assert shares["matrix products"] > shares["convolutions"] == 0
