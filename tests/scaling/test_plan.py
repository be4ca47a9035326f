"""What runs beside what, read off the graph of the stages."""

from __future__ import annotations

import pytest

from ganbench.errors import BenchError
from ganbench.scaling.plan import Job, chosen, make_plan, needed, parse_graph, parse_part

DOT = """strict digraph {
"check";
"prepare";
"theory";
"train@gan-0";
"evaluate@gan-0";
"train@gan-1";
"evaluate@gan-1";
"points@gan";
"report";
"data/raw/faces.dvc" -> "prepare";
"check" -> "prepare";
"check" -> "theory";
"check" -> "points@gan";
"judge" -> "evaluate@gan-0";
"judge" -> "evaluate@gan-1";
"prepare" -> "judge";
"prepare" -> "train@gan-0";
"prepare" -> "train@gan-1";
"train@gan-0" -> "evaluate@gan-0";
"train@gan-1" -> "evaluate@gan-1";
"evaluate@gan-0" -> "report";
"evaluate@gan-1" -> "report";
"points@gan" -> "report";
}
"""
CELLS = {("train@gan-0", "evaluate@gan-0"), ("train@gan-1", "evaluate@gan-1")}


def stages(plan) -> set[tuple[str, ...]]:
    return {job.stages for job in plan.jobs}


def test_the_stages_of_a_cell_are_one_job_in_their_order() -> None:
    assert stages(make_plan(parse_graph(DOT))) >= CELLS


def test_a_stage_of_another_track_and_one_that_no_cell_needs_are_jobs_of_their_own() -> None:
    assert stages(make_plan(parse_graph(DOT))) - CELLS == {("points@gan",), ("theory",)}


def test_what_cells_need_runs_first_and_in_order_and_the_report_is_left_to_the_end() -> None:
    plan = make_plan(parse_graph(DOT))
    assert set(plan.roots) == {"data/raw/faces.dvc", "check"}
    assert plan.chains == (Job(("prepare", "judge")),)
    assert not any("report" in job.stages for job in plan.jobs)


def test_a_cell_that_waits_for_other_cells_is_left_to_the_end() -> None:
    graph = parse_graph(DOT) | {"late@gan": {"report"}}
    assert stages(make_plan(graph)) == stages(make_plan(parse_graph(DOT)))


def test_parts_are_disjoint_and_together_all() -> None:
    plan = make_plan(parse_graph(DOT))
    parts = [plan.part(number, 3).jobs for number in (1, 2, 3)]
    assert sorted(job.name for part in parts for job in part) == sorted(job.name for job in plan.jobs)


def test_a_job_is_left_out_when_all_its_stages_are_up_to_date() -> None:
    plan = make_plan(parse_graph(DOT)).remaining({"evaluate@gan-1", "report"})
    assert plan.jobs == (Job(("train@gan-1", "evaluate@gan-1")),)


def test_a_part_is_k_of_n() -> None:
    assert parse_part("2/8") == (2, 8)
    for text in ("0/2", "3/2", "2", "a/b"):
        with pytest.raises(BenchError, match="expected K/N"):
            parse_part(text)


def test_targets_are_stages_matrices_or_patterns() -> None:
    graph = parse_graph(DOT)
    assert chosen(graph, ["theory"]) == ["theory"]
    assert set(chosen(graph, ["evaluate"])) == {"evaluate@gan-0", "evaluate@gan-1"}
    assert set(chosen(graph, ["*@gan-0", "train@gan-0"])) == {"train@gan-0", "evaluate@gan-0"}


def test_a_target_that_names_no_stage_is_refused_with_what_there_is() -> None:
    with pytest.raises(BenchError, match=r"unknown stage 'evaluat'.*did you mean 'evaluate'.*allowed: .*report"):
        chosen(parse_graph(DOT), ["evaluat"])


def test_what_a_target_does_not_need_is_not_planned() -> None:
    plan = make_plan(needed(parse_graph(DOT), ["evaluate@gan-0"]))
    assert plan.first == {"data/raw/faces.dvc", "check", "prepare", "judge"}
    assert stages(plan) == {("train@gan-0", "evaluate@gan-0")}


def test_what_tracks_need_is_prepared_side_by_side() -> None:
    other = {"pairs": {"check"}, "translate@cycle": {"pairs"}}
    plan = make_plan(parse_graph(DOT) | other)
    assert set(plan.chains) == {Job(("prepare", "judge")), Job(("pairs",))}
