"""The track `translation` through DVC, and what a user does with a trained cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from project import Project, new_project

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("jobs")]

FIRST = {"check", "prepare_translation", "judge_translation", "floor_translation"}


def of(variant: str) -> set[str]:
    return {f"{stage}@{variant}-0" for stage in ("train_translation", "translate", "evaluate_translation")}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return new_project(tmp_path_factory.mktemp("project"), "translation")


def test_translations_run_once_and_translate_a_users_picture(project: Project, tmp_path: Path) -> None:
    assert project.repro("evaluate_translation@pix2pix-0") == FIRST | of("pix2pix")
    assert project.repro("evaluate_translation@pix2pix-0") == set()
    assert [run["ganbench.cell"] for run in project.runs() if run["status"] == "FINISHED"] == ["translation/pix2pix/0"]
    Image.fromarray(np.full((20, 30), 200, np.uint8)).save(tmp_path / "edges.png")
    translate = ["ganbench", "translate", str(tmp_path / "edges.png"), "--out", str(tmp_path / "filled.png")]
    assert "resized" in project.run(*translate, "--cell", "translation/pix2pix/0")
    assert Image.open(tmp_path / "filled.png").size == (16, 16)
    assert "translation/pix2pix/0" in project.run(*translate, "--cell", "translation/pix2pix/0", "--back", expect=1)
