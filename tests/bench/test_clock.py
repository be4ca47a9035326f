"""Fair timing, by a clock that stands still unless somebody works."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch

from ganbench.bench import clock
from ganbench.bench.clock import Contestant, Spread, best, interleave, ratio

CPU = torch.device("cpu")
Work = Callable[[float], None]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Takes so many seconds."""
    now = [0.0]
    monkeypatch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def work(seconds: float) -> None:
        now[0] += seconds

    return work


def test_contestants_take_turns_and_every_other_round_goes_backwards(work: Work) -> None:
    order: list[str] = []
    contestants = [Contestant(name, lambda name=name: order.append(name) or work(2.0), 1) for name in "ab"]
    rates = interleave(contestants, rounds=2, seconds=1.0, device=CPU)
    assert order[4:] == ["a", "b", "b", "a"]  # after a warm-up and a first timing of each
    assert {name: len(values) for name, values in rates.items()} == {"a": 2, "b": 2}


def test_a_rate_counts_real_images_and_each_plays_for_about_as_long(work: Work) -> None:
    played = {"slow": 0, "fast": 0}

    def play(name: str, seconds: float) -> None:
        played[name] += 1
        work(seconds)

    contestants = [
        Contestant("slow", lambda: play("slow", 0.5), 64),
        Contestant("fast", lambda: play("fast", 0.1), 64),
    ]
    rates = interleave(contestants, rounds=3, seconds=1.0, device=CPU)
    assert played == {"slow": 2 + 3 * 2, "fast": 2 + 3 * 10}
    assert rates["slow"] == pytest.approx([128.0] * 3)
    assert ratio(rates["fast"], rates["slow"]).median == pytest.approx(5)


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio([2.0, 9.0], [1.0, 3.0]) == Spread(2.5, 2.0, 3.0)


def test_the_best_block_of_calls_is_what_a_call_can_take(work: Work) -> None:
    waits = iter([9.0, 1.0, *[1.5] * 3, *[1.2] * 3, *[4.0] * 3])
    assert best(lambda: work(next(waits)), CPU, seconds=9.0, blocks=3) == pytest.approx(1.2)
