"""What is kept of searches, and what their table says."""

import csv
import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import click
import pytest

from ganbench.search.results import Done, Found, write

FOLDER = Path(__file__).parents[2] / "benchmarks" / "fidelity"
sys.path.insert(0, str(FOLDER))  # as Python does for a script


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, which keeps and draws in a folder of its own; the working directory is a project."""
    spec = importlib.util.spec_from_file_location("fidelity_search", FOLDER / "search.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    monkeypatch.setattr(found, "RESULTS", tmp_path / "benchmarks/results/search")
    monkeypatch.setattr(found, "RESULTS_PAGE", tmp_path / "docs/results.md")
    monkeypatch.setattr(found, "ROOT", tmp_path)
    monkeypatch.setattr(sys.modules["page"], "ROOT", tmp_path)
    made = {"machine": "a machine", "torch": "2", "commit": "0123456789"}
    monkeypatch.setattr(found, "circumstances", lambda checkout: made)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/results.md").write_text("<!-- search: begin -->\n<!-- search: end -->\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return found


def found(variant: str, values: list[float | None], **other: str) -> Found:
    trials = [Done(number, {"optimizer.lr": 1e-3 * (number + 1)}, value) for number, value in enumerate(values)]
    whole = {"metric": "w1_ring_9", "better": "lower", "budget": 8.0, "seed": 0, "sampler": "random", "sampler_seed": 0}
    return Found(track="points", variant=variant, trials=trials, **whole | other)  # type: ignore[arg-type]


def test_as_many_trials_of_each_random_search_are_kept(scripted: ModuleType, tmp_path: Path) -> None:
    for one in (found("gan", [3.0, None, 1.0]), found("lsgan", [2.0, 4.0]), found("tpe", [0.1], sampler="tpe")):
        write(one)
    scripted.take.callback(tmp_path, "points")
    kept = json.loads((scripted.RESULTS / "points.json").read_text(encoding="utf-8"))
    assert kept["commit"] == "0123456789"
    assert [one["variant"] for one in kept["searches"]] == ["gan", "lsgan"]
    assert [len(one["trials"]) for one in kept["searches"]] == [2, 2]
    assert kept["searches"][1] == asdict(found("lsgan", [2.0, 4.0]))
    rows = list(csv.DictReader((scripted.RESULTS / "points.csv").open(encoding="utf-8")))
    assert [row["w1_ring_9"] for row in rows] == ["3", "diverged", "2", "4"]
    assert json.loads(rows[3]["values"]) == {"optimizer.lr": 0.002}


def test_searches_that_do_not_compare_are_refused(scripted: ModuleType, tmp_path: Path) -> None:
    write(found("gan", [1.0]))
    write(found("lsgan", [1.0], metric="w2_ring_9"))
    with pytest.raises(click.ClickException, match=r"do not compare: .*w1_ring_9.*w2_ring_9"):
        scripted.take.callback(tmp_path, "points")
    with pytest.raises(click.ClickException, match="images: no random search"):
        scripted.take.callback(tmp_path, "images")


def test_the_best_stands_first_with_its_values_and_the_page_has_a_picture(scripted: ModuleType, tmp_path: Path) -> None:
    write(found("gan", [8.0, None, 4.0]))
    write(found("lsgan", [2.0, 2.0, 1.0]))
    scripted.take.callback(tmp_path, "points")
    scripted.table.callback()
    page = (tmp_path / "docs/results.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows[0] == "| `lsgan` | 3 | 0 | 2 (1–2) | 1 (1–2) | optimizer.lr 0.003 |"
    assert rows[1].startswith("| `gan` | 3 | 1 | 8 (4–inf) | 4 (4–8) |")
    assert "### Points\n\n`ganbench search points/VARIANT --trials 3 --sampler random --budget 8" in page
    assert "is 4.0 times the best, after 3 it is 4.0 times" in " ".join(page.split())
    assert (tmp_path / "docs/results-search-points.png").exists()
