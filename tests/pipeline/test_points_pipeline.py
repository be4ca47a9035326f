"""The track `points` through DVC: all seeds of a variant in one stage, one run a cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import Project, new_project

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("jobs")]
STAGES = {"floor_points", "points@gan", "evaluate_points@gan"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path, "points")


def test_points_run_once_restore_and_are_tracked(project: Project) -> None:
    project.edit(seeds=[0, 1])
    targets = ("floor_points", "evaluate_points")
    assert project.repro(*targets) == STAGES
    for seed in (0, 1):
        assert (project.root / f"results/metrics/points/gan/{seed}.json").is_file()
    assert project.repro(*targets) == set()
    project.edit(points__training__batch_size=128)
    assert project.repro(*targets) == STAGES - {"floor_points"}
    project.edit(points__training__batch_size=256)
    assert project.repro(*targets) == set(), "the old results come from DVC's cache"
    cells = [run["ganbench.cell"] for run in project.runs() if run["status"] == "FINISHED"]
    assert sorted(cells) == ["points/gan/0", "points/gan/0", "points/gan/1", "points/gan/1"]
