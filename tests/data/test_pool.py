"""The map over processes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ganbench.data.pool import AHEAD, ordered_map
from ganbench.errors import BenchError


def double(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def die(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_from_as_many_processes_as_asked_for(workers):
    done = list(ordered_map(double, range(50), workers, patience=0.0))
    assert [(task, result) for task, (result, _) in done] == [(number, 2 * number) for number in range(50)]
    assert ({pid for _, (_, pid) in done} == {os.getpid()}) == (workers == 1)


def test_short_work_stays_in_this_process():
    assert {pid for _, (_, pid) in ordered_map(double, range(50), 2, patience=60.0)} == {os.getpid()}


def test_tasks_are_drawn_only_as_fast_as_they_are_done():
    drawn = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    for task, _ in ordered_map(double, tasks(), 2, patience=0.0):
        assert len(drawn) <= task + 2 * AHEAD + 2
    assert len(drawn) == 100


def test_no_task_is_no_result():
    assert list(ordered_map(double, [], 2)) == []


def test_the_death_of_a_process_is_said():
    with pytest.raises(BenchError, match="a process that decodes images was killed"):
        list(ordered_map(die, range(20), 2, patience=0.0))
