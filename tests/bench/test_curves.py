"""What learning curves cost beside their training."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ganbench.bench.curves import Stopwatch, first_of_others, share
from ganbench.bench.goals import goals_table
from ganbench.bench.tables import curves_table
from ganbench.cli import main
from ganbench.params import load

ROOT = Path(__file__).parents[2]


def measured(train: float, snapshots: float, metrics: float) -> dict[str, Any]:
    parts = {"train": train, "snapshots": snapshots, "metrics": metrics}
    return {name: {"seconds": value, "cpu_seconds": 2 * value} for name, value in parts.items()}


def test_a_curve_is_compared_with_the_training_without_its_snapshots() -> None:
    assert share(measured(21, 1, 3), "seconds") == pytest.approx(0.2)
    assert share(measured(21, 1, 3), "cpu_seconds") == pytest.approx(0.2)


def test_the_goal_is_that_of_the_dearest_curve() -> None:
    results = [{"cpu_share": 0.04}, {"cpu_share": 0.16}, {"cpu_share": 0.1}]
    text = goals_table({"curves": {"results": results}})
    assert "| learning curves, of the CPU time of their training | ≤ 10 % | 16 % | missed |" in text
    assert "| 4 % | met |" in goals_table({"curves": {"results": results[:1]}})


def test_the_table_has_a_row_a_variant() -> None:
    row = {"variant": "gan", "moments": 8, "share": 0.2, "cpu_share": 0.25, **measured(21, 1, 3)}
    assert curves_table([row]).splitlines()[-1] == "| `gan` | 8 | 20.0 s | 1.00 s | 3.00 s | 20.0% | 25.0% |"


def test_a_stopwatch_adds_up_all_calls_and_stops_where_one_fails() -> None:
    watch, given = Stopwatch(), []

    def called(value: int) -> int:
        given.append(value)
        return sum(range(100_000)) // value

    timed = watch.of(called)
    timed(1)
    once = watch.seconds
    assert once > 0
    with pytest.raises(ZeroDivisionError):
        timed(0)
    assert given == [1, 0]
    assert watch.seconds > once


@pytest.mark.pipeline
def test_the_curve_of_a_cell_is_measured_in_a_copy_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    names = ("gan", "points/gan", "translation/pix2pix")
    variants = [part for name in names for part in ("--variant", name)]
    arguments = ["curves", "--quick", "--device", "cpu", "--threads", "1", *variants]
    result = CliRunner().invoke(main, ["bench", *arguments, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    results = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))["results"]
    for name, found in zip(names, results, strict=True):
        assert found["moments"] > 1
        kept = found["snapshots"]["seconds"]
        assert kept == 0 if name == "points/gan" else kept > 0
        assert found["metrics"]["seconds"] > 0
        assert found["share"] == pytest.approx(share(found, "seconds"))
        assert f"| `{name}` |" in result.output


@pytest.mark.parametrize("variant", ["sketches/gan", "points/dcgan", "nobody"])
def test_a_variant_that_is_not_declared_is_refused_before_any_training(
    monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, ["bench", "curves", "--device", "cpu", "--variant", variant])
    assert result.exit_code == 1
    assert f"{variant}: not declared; allowed: images/gan, " in result.output


def test_the_other_tracks_are_measured_on_their_first_variant() -> None:
    params = load(ROOT / "params.yaml")
    assert first_of_others(params) == ["points/gan", "translation/pix2pix"]
    assert first_of_others(params.model_copy(update={"points": None})) == ["translation/pix2pix"]
