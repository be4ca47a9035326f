"""The theory's section of the page."""

import json
from pathlib import Path

import pytest
from fabricated import Project
from PIL import Image

from ganbench.errors import BenchError
from ganbench.reporting import theory
from ganbench.reporting.page import page
from ganbench.reporting.results import collect

STATEMENT = {
    "name": "kl_of_two",
    "computed": 0.5000001,
    "exact": 0.5,
    "tolerance": 1e-6,
    "relation": "=",
    "source": "a & b",
}
BOUND = STATEMENT | {"name": "a_bound", "relation": "≤", "computed": 1e-16}


def leave_theory() -> None:
    theory.FOLDER.mkdir(parents=True)
    for name in ("picture", "picture_dark"):
        Image.new("RGB", (4, 3), "white").save(theory.FOLDER / f"{name}.png")
    chapter = {
        "name": "one",
        "title": "The first",
        "statements": [STATEMENT, BOUND],
        "figures": [{"name": "picture", "alt": "a white picture"}],
    }
    (theory.FOLDER / "index.json").write_text(json.dumps({"chapters": [chapter]}), encoding="utf-8")


def test_a_project_without_theory_has_no_such_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert theory.chapters() == []


def test_every_statement_stands_beside_its_exact_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    leave_theory()
    (chapter,) = theory.chapters()
    first, second = chapter.rows
    assert (first.name, first.computed, first.exact, first.tolerance) == ("kl of two", "0.5", "0.5", "1e-06")
    assert (second.exact, second.computed) == ("≤ 0.5", "1e-16")
    assert chapter.figures[0][0].dark


@pytest.mark.usefixtures("undrawn")
def test_the_page_shows_the_section(project: type[Project]) -> None:
    params = project(variants=["gan"]).write()
    leave_theory()
    text = page(collect(params))
    assert 'id="theory"' in text
    assert "The first" in text
    assert "a &amp; b" in text


def test_a_damaged_index_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    leave_theory()
    (theory.FOLDER / "index.json").write_text('{"other": 1}', encoding="utf-8")
    with pytest.raises(BenchError, match="dvc repro theory"):
        theory.chapters()
