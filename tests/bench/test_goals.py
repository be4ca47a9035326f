"""Goals beside what was measured."""

from typing import Any

import pytest

from ganbench.bench.goals import Goal, goals_table


def peers(ratio: float, flags: list[str]) -> dict[str, Any]:
    columns = {name: {"ratio": {"median": ratio}} for name in ("a", "end_to_end")}
    return {"machine": {"flags": flags}, "results": [{"workload": "DCGAN, 32 px, batch 64", "columns": columns}]}


def row(aim: float, measured: float, more: bool) -> tuple[str, ...]:
    found = Goal("it", aim, "×", lambda _: measured, more).row({})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("measured", "more", "verdict"),
    [
        (4.0, True, "met"),
        (3.0, True, "missed"),
        (3.9, True, "within the spread"),
        (5.0, False, "missed"),
        (2.0, False, "met"),
    ],
)
def test_a_goal_is_met_missed_or_not_told_apart(measured: float, more: bool, verdict: str) -> None:
    assert row(4.0, measured, more)[3] == verdict


def test_what_was_not_measured_has_no_row() -> None:
    text = goals_table({"peers": peers(1.2, ["avx2"])})
    assert "DCGAN at 32 px" in text
    assert "SNGAN" not in text
    assert "dvc repro" not in text


def test_the_table_says_where_the_machine_is_not_the_one_that_a_goal_was_set_for() -> None:
    assert "this one has none" in goals_table({"peers": peers(1.2, ["avx2"])})
    assert "this one has none" not in goals_table({"peers": peers(1.2, ["amx_bf16"])})


def test_of_several_batches_the_worst_counts() -> None:
    found = peers(1.2, ["avx2"])
    worse = {"a": {"ratio": {"median": 0.5}}, "end_to_end": {"ratio": {"median": 0.5}}}
    found["results"].append({"workload": "DCGAN, 32 px, batch 128", "columns": worse})
    assert "| 0.5× | missed |" in goals_table({"peers": found})
