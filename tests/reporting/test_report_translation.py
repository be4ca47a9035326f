"""The section of the track `translation`."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from fabricated import Project
from fabricated_translation import N, add_translation

from ganbench.cell import Cell, floor_metrics
from ganbench.errors import BenchError
from ganbench.reporting import curves, translated
from ganbench.reporting.page import page
from ganbench.reporting.report import write
from ganbench.reporting.results import collect
from ganbench.reporting.style import LIGHT
from ganbench.reporting.table import references

SENTENCE = "A small cycle error is not correctness."


@pytest.mark.usefixtures("undrawn")
def test_page_table_and_summary_cover_translation(project: type[Project]) -> None:
    write(add_translation(project(seeds=[0, 1], variants=["gan"]).write()))
    html = Path("results/report.html").read_text()
    assert 'id="translation-cyclegan"' in html
    assert "From A to B" in html
    assert "From B to A" in html
    assert SENTENCE in html
    assert "the ceiling" in html
    with Path("results/table.csv").open() as file:
        rows = {row["variant"]: row for row in csv.DictReader(file) if row["track"] == "translation"}
    assert set(rows) == {"pix2pix", "cyclegan", "real", "identity"}
    assert float(rows["identity"][f"l1_ab_{N}"]) == 0.31
    assert rows["pix2pix"][f"cycle_ab_{N}"] == ""
    summary = json.loads(Path("results/summary.json").read_text())["translation"]
    assert summary["real"] == {f"l1_ab_{N}": 0.0, f"fid_judge_ab_{N}": 2.5}
    assert summary["cyclegan"][f"cycle_ab_{N}"] == 0.011
    assert Path("results/figures/translation_metrics.png").exists()
    assert "translation" in json.loads(Path("results/statistics.json").read_text())


def test_the_control_shows_closed_cycles_beside_wrong_answers(project: type[Project]) -> None:
    results = collect(add_translation(project(seeds=[0, 1], variants=["gan"]).write(), "symmetric", swapped=1))
    assert results.translation is not None
    control = translated.control(results.translation)
    assert control is not None
    assert [column.name for column in control.columns] == [f"l1_ab_{N}", f"cycle_ab_{N}", f"correct_ab_{N}"]
    assert control.lines == [
        ("cyclegan", 0, ["0.0600", "0.0110", "0.970"]),
        ("cyclegan", 1, ["0.4000", "0.0110", "0.020"]),
    ]


@pytest.mark.parametrize(("task", "shown"), [("symmetric", True), ("edges", False)])
@pytest.mark.usefixtures("undrawn")
def test_the_control_stands_on_the_page_of_the_symmetric_data_alone(
    project: type[Project], task: str, shown: bool
) -> None:
    text = page(collect(add_translation(project(variants=["gan"]).write(), task)))
    assert ("Nothing in this data set tells its two mappings apart" in text) is shown
    assert SENTENCE in text


def test_terms_of_all_players_are_drawn_and_sums_are_not(project: type[Project]) -> None:
    results = collect(add_translation(project(seeds=[0, 1], variants=["gan"]).write())).translation
    assert results is not None
    figure = curves.terms(results, "cyclegan", LIGHT)
    names = [[text.get_text() for text in axis.get_legend().get_texts()] for axis in figure.axes]
    assert names == [["generator", "discriminator a", "discriminator b"], ["cycle a", "cycle b"]]
    history = curves.history(Cell("translation", "cyclegan", 1), ())
    np.testing.assert_array_equal(figure.axes[1].lines[1].get_ydata(), history["cycle_a"])


def test_ceiling_and_baseline_stand_below_the_variants(project: type[Project]) -> None:
    results = collect(add_translation(project(variants=["gan"]).write())).translation
    assert results is not None
    assert [row.name for row in references(results)] == ["real", "identity"]


@pytest.mark.usefixtures("undrawn")
def test_a_track_of_which_nothing_has_run_does_not_stop_the_report(project: type[Project]) -> None:
    none = {("pix2pix", 0), ("cyclegan", 0)}
    write(add_translation(project(variants=["gan"]).write(), not_run=none))
    html = Path("results/report.html").read_text()
    assert "None of its cells has run" in html
    assert "dvc repro evaluate_translation@pix2pix-0" in html


def test_a_track_whose_ceiling_is_missing_is_refused(project: type[Project]) -> None:
    params = add_translation(project(variants=["gan"]).write())
    floor_metrics("translation").unlink()
    with pytest.raises(BenchError, match=r"real\.json: no such file; run dvc repro floor_translation"):
        collect(params)
