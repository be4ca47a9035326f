"""The track `translation` and conditional images through DVC, and what a user does with trained cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from project import Project, new_project

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("jobs")]

FIRST = {"check", "prepare_translation", "judge_translation", "floor_translation"}
SMALL = {"network": {"mlp": {"width": 16}}, "objective": "non_saturating", "tricks": {"ema": 10}}


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


def test_a_cell_told_in_words_draws_what_is_asked_for(project: Project, tmp_path: Path) -> None:
    project.edit(images__variants={"gan_cls": SMALL | {"condition": "text"}})
    project.repro("evaluate@gan_cls-0")
    assert (project.root / "runs/images/gan_cls/0/samples/captions.png").is_file()
    assert "images/gan_cls/0" in {run["ganbench.cell"] for run in project.runs() if run["status"] == "FINISHED"}
    draw = ["ganbench", "sample", "--cell", "images/gan_cls/0", "--count", "4", "--out", str(tmp_path / "drawn.png")]
    assert "purple" in project.run(*draw, "--text", "a thick purple seven")
    assert "--text" in project.run(*draw, "--text", " ", expect=1)
    assert "--label" in project.run(*draw, "--label", "3", expect=1)
