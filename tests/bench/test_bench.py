"""`ganbench bench --quick` measures every part, and refuses nothing."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from ganbench.bench import metrics
from ganbench.bench.effort import QUICK
from ganbench.bench.project import NO_OPS, declare_cells, no_op, project_copy
from ganbench.bench.scale import _preparing
from ganbench.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_paths_of_a_variant_are_measured_with_machine_versions_and_commit(tmp_path: Path) -> None:
    arguments = ["paths", "--quick", "--device", "cpu", "--threads", "1", "--variant", "gan", "--batch", "8"]
    result = CliRunner().invoke(main, ["bench", *arguments, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "paths.json").read_text(encoding="utf-8"))
    machine = record["machine"]
    assert {"cpu", "cores", "flags", "threads", "environment", "commit", "torch", "python"} <= set(machine)
    assert machine["threads"] == 1
    (found,) = record["results"]
    assert (found["variant"], found["batch"], found["d_to_g"]) == ("gan", 8, "1:1")
    assert found["paths"]["eager"]["images_per_second"]["median"] > 0
    assert found["limit"]["share"] >= found["limit"]["share_of_products"] > 0
    assert "| `gan` | eager |" in result.output


def test_a_variant_that_is_told_what_to_draw_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["bench", "paths", "--quick", "--variant", "cgan", "--out", str(tmp_path)])
    assert result.exit_code != 0
    assert "cgan: its players are told labels" in result.output
    assert not list(tmp_path.iterdir())


def test_the_allocator_is_measured_in_processes_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganbench.bench.allocator.RESOLUTIONS", (16,))
    arguments = ["allocator", "--quick", "--threads", "1", "--variant", "gan", "--batch", "8"]
    result = CliRunner().invoke(main, ["bench", *arguments, "--device", "cpu", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "allocator.json").read_text(encoding="utf-8"))["results"]
    assert [row["resolution"] for row in found] == [16]
    assert all(row["peak_mb_plain"] > 50 and row["images_per_second"]["ratio"]["median"] > 0 for row in found)


def test_metrics_are_measured_in_processes_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: metrics.OURS[name] for name in ("FID", "Vendi")}
    monkeypatch.setattr(metrics, "OURS", kept)
    arguments = ["metrics", "--quick", "--threads", "1", "--device", "cpu", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, ["bench", *arguments])
    assert result.exit_code == 0, result.output
    fid, vendi = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))["results"]
    assert (fid["metric"], fid["count"], fid["width"]) == ("FID", *QUICK.features)
    x, y = (metrics.features(*QUICK.features, side) for side in (1, 2))
    assert fid["ours"]["value"] == pytest.approx(kept["FID"](x, y), rel=1e-6)
    assert fid["ours"]["peak_mb"] > 50
    assert metrics.PEER not in vendi
    if find_spec(metrics.PEER):
        assert fid["ours"]["value"] == pytest.approx(fid[metrics.PEER]["value"], rel=1e-3)
    assert 1 < vendi["ours"]["value"] < QUICK.features[0]
    assert "| FID | 1,500 × 16 |" in result.output
    assert "| Vendi | 1,500 × 16 |" in result.output


def test_preparing_is_measured_at_every_size() -> None:
    rows = list(_preparing(QUICK))
    assert [row["times"] for row in rows] == list(QUICK.scale)
    assert rows[1]["value"] == rows[1]["times"] * rows[0]["value"]


@pytest.mark.pipeline
def test_a_fabricated_project_has_nothing_to_do(tmp_path: Path) -> None:
    project = project_copy(ROOT, tmp_path / "project")
    assert declare_cells(project, 4) > 4 * 3
    for command in NO_OPS:
        assert "up to date" in no_op(project, command).output
