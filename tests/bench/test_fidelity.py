"""The scripts of benchmarks/fidelity: how a setting is merged into params.yaml, and what their tables say."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from ruamel.yaml import YAML

from ganbench.errors import BenchError
from ganbench.games.tracks import check_tracks
from ganbench.params import Params
from ganbench.search.space import check_search

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "fidelity"
sys.path.insert(0, str(FOLDER))  # as Python does for a script

from tables import Claim, Column, Setting  # noqa: E402

SETTINGS = [path for path in sorted(FOLDER.glob("*.yaml")) if not path.name.startswith("points_")]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fidelity_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda path: path.stem)
def test_every_setting_is_a_valid_params_yaml(setting: Path) -> None:
    yaml = YAML(typ="safe")
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    sections = yaml.load(setting.read_text(encoding="utf-8"))
    assert sections.pop("targets")
    script("run").merge(values, sections)
    params = Params.model_validate(values)
    check_tracks(params)
    check_search(params)


def test_a_list_of_variants_chooses_a_mapping_replaces_and_other_mappings_are_merged() -> None:
    values = {"images": {"resolution": 16, "judge": {"lr": 1, "epochs": 2}, "variants": {"a": 1, "b": 2}}}
    merge = script("run").merge
    merge(values, {"images": {"judge": {"lr": 3}, "variants": ["b"]}})
    assert values == {"images": {"resolution": 16, "judge": {"lr": 3, "epochs": 2}, "variants": {"b": 2}}}
    merge(values, {"images": {"variants": ["b", {"d": 7}]}})
    assert values["images"]["variants"] == {"b": 2, "d": 7}
    values["images"]["search"] = {"b": 5, "c": 6}
    merge(values, {"images": {"variants": {"c": 4}}})
    assert values["images"]["variants"] == {"c": 4}
    assert values["images"]["search"] == {"c": 6}


def test_a_table_says_which_claims_hold_and_counts_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = script("table")
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    columns = (Column("fid_judge", "FID", "lower", 1),)
    claims = (
        Claim("Good beats bad", "fid_judge", "good", "bad"),
        Claim("Bad beats good", "fid_judge", "bad", "good"),
        Claim("Good beats its twin", "fid_judge", "good", "twin"),
    )
    setting = Setting("tried", "images", "A title", "Words.", columns, claims)
    made = {"setting": "tried.yaml", "machine": "a machine", "torch": "2", "commit": "0123456789"}
    for path, values in (
        ("circumstances.json", made),
        ("images/real.json", {"fid_judge_9": 0.5}),
        *((f"images/good/{seed}/metrics.json", {"fid_judge_9": 1.0 + seed}) for seed in range(5)),
        *((f"images/twin/{seed}/metrics.json", {"fid_judge_9": 1.5 + seed}) for seed in range(5)),
        *((f"images/bad/{seed}/metrics.json", {"fid_judge_9": 10.0 + seed}) for seed in range(4)),
        ("images/bad/4/metrics.json", {"status": "diverged"}),
    ):
        (tmp_path / "tried" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tried" / path).write_text(json.dumps(values), encoding="utf-8")
    lines = table.section(setting).splitlines()
    assert "| | FID ↓ | worst FID | place by FID |" in lines
    assert "| `good` | 3.0 ± 2.0 | 5.0 | 1 (1 to 1) |" in lines
    assert "| `bad` (1 of 5 diverged) | 11.5 ± 2.1 | diverged | 3 (3 to 3) |" in lines
    assert "| *real images* | 0.5 | – | – |" in lines
    assert lines[-3:] == [
        "- Good beats bad (FID): **holds**, p = 0.024.",
        "- Bad beats good (FID): **the other way round**, p = 0.024.",
        "- Good beats its twin (FID): **not decided**, difference -0.5 ± 0.0, p = 0.690.",
    ]


def test_published_rows_stand_below_and_one_seed_is_said_to_rank_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = script("table")
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    columns = (Column("fid_judge", "FID", "lower", 1), Column("is_judge", "IS", "higher", 1))
    published = (("A paper", "0.9"),)
    made = {"setting": "tried.yaml", "machine": "a machine", "torch": "2", "commit": "0123456789"}
    for path, values in (("circumstances", made), ("images/only/0/metrics", {"fid_judge_9": 2.0, "is_judge_9": 3.0})):
        file = tmp_path / "tried" / f"{path}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    lines = table.section(Setting("tried", "images", "T", "W.", columns, published=published)).splitlines()
    assert lines[-2:] == ["| `only` | 2.0 | 3.0 |", "| *A paper* | 0.9 | – |"]
    assert any("one seed, which ranks nothing" in line for line in lines)


def test_large_pictures_are_kept_as_webp(tmp_path: Path) -> None:
    runner, table = script("run"), script("table")
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    for name, pixels in {"flat": noise * 0, "noise": noise}.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        runner.copy(tmp_path / f"{name}.png", tmp_path / "kept" / f"{name}.png")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"flat.png", "noise.webp"}
    assert (tmp_path / "noise.png").exists()
    cell = tmp_path / "kept"
    assert [table.kept(cell, name).name for name in ("flat", "noise")] == ["flat.png", "noise.webp"]
    sheet = table.beside([cell / "flat.png", cell / "noise.webp"], "images")
    assert sheet.size == (2 * 256 + table.GAP, 256)
    assert table.beside([cell / "flat.png"], "translation").height < 256


def test_a_table_counts_seeds_and_tells_errors_and_pairs_by_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = script("table")
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    columns = (Column("hit", "hit", "", 1, "count"), Column("right", "error, %", "lower", 1, "error"))
    claims = (Claim("Even beats odd", "right", "even", "odd"),)
    setting = Setting("tried", "images", "T", "W.", columns, claims, by="right")
    made = {"setting": "tried.yaml", "machine": "a machine", "torch": "2", "commit": "0123456789"}
    files = {"circumstances.json": made}
    for seed in range(4):
        files[f"images/even/{seed}/metrics.json"] = {"hit_9": float(seed > 0), "right_9": 0.9 + seed / 100}
    for seed in range(1, 4):
        files[f"images/odd/{seed}/metrics.json"] = {"hit_9": 0.0, "right_9": 0.8 + seed / 100}
    for path, values in files.items():
        (tmp_path / "tried" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tried" / path).write_text(json.dumps(values), encoding="utf-8")
    lines = table.section(setting).splitlines()
    assert "| | hit | error, % ↓ |" in lines  # no places: the seeds are not the same
    assert "| `even` | 3 of 4 | 8.5 ± 2.1 |" in lines
    assert "| `odd` | 0 of 3 | 18.0 ± 2.5 |" in lines
    assert lines[-1].startswith("- Even beats odd (error, %): **not decided**, difference -10.0 ± 0.0")


def test_learning_curves_are_compared_at_the_end_at_their_best_and_at_equal_steps(tmp_path: Path) -> None:
    learning = script("table").learning
    head = "iteration,images,generator_steps,fid_judge_9"
    for cell, rows in {
        "quick/0": ["1,1000,10,100", "2,2000,20,1", "3,3000,30,2"],
        "slow/0": ["5,1500,5,7", "9,3000,15,5"],
        "twice/0": ["1,1000,10,9", "2,2000,15,3", "3,3000,30,5"],
        "twice/1": ["1,1000,10,9", "2,2000,15,5", "3,3000,30,5"],
        "twice/2": ["1,1000,10,9", "2,2000,15,7", "3,3000,30,5"],
    }.items():
        (tmp_path / cell).mkdir(parents=True)
        (tmp_path / cell / "curve.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    lines = learning(tmp_path, ["none", "quick", "slow", "twice"])
    assert lines[-3:] == [
        "| `quick` | 2.0 | 1.0 | 2 | 10.0 |",
        "| `slow` | 5.0 | 5.0 | 3 | 5.0 |",
        "| `twice` | 5.0 ± 0.0 | 4.3 ± 2.9 | 2–3 | 5.0 ± 5.0 |",
    ]
    assert lines[-5].endswith("FID after 15 generator steps |")
    assert learning(tmp_path, ["none"]) == []


PROTOCOL = {
    "dataset": {"name": "ring", "options": None}, "budget_kpoints": 4000.0, "seeds": [0, 1, 2], "share": 0.1,
    "threads": 1, "training": {"batch_size": 100, "pool": 100000, "pictures": 20},
    "evaluate": {"samples": 2500, "seed": 0},
}  # fmt: skip
"""As runs before the CPU time was kept wrote it, in part."""


def points_cell(modes: float, quality: float, kl: float, w1: float = 0.05) -> dict[str, object]:
    values = {"modes": modes, "high_quality": quality, "reverse_kl": kl, "w1": w1, "w2": 0.2}
    return {"status": "finished"} | {f"{name}_ring_2500": value for name, value in values.items()}


def points_results(path: Path, variants: dict[str, list[dict[str, object]]], **more: object) -> Path:
    made = {"seconds_of_this_call": 90.0, "machine": "a CPU, 2 cores", "torch": "2", **more}
    entries = {name: made | {"cells": dict(enumerate(cells))} for name, cells in variants.items()}
    floor = {name: points_cell(8, 0.98, 0.001) for name in ("real", "gaussian")}
    path.write_text(json.dumps({"protocol": PROTOCOL, "floor": floor, "variants": entries}), encoding="utf-8")
    return path


def test_a_table_of_points_has_intervals_the_worst_of_each_a_ceiling_and_time(tmp_path: Path) -> None:
    cells = [points_cell(8, 0.97, 0.002), points_cell(7, 0.98, 0.003), points_cell(8, 0.99, 0.010)]
    text = script("points_page").section(
        points_results(tmp_path / "points_pacgan_ring_share_0.1.json", {"ours": cells})
    )
    assert (
        "| `ours` | 7.7 ± 1.4 | 98.0 ± 2.5 | 0.005 ± 0.011 | 0.050 ± 0.000 | 0.200 ± 0.000 | 7 / 97.0 / 0.010 | 1.5 |"
        in text
    )
    assert "| *a perfect generator (ceiling)* | 8 | 98.89 | 0.0014 | – | – | – | – |" in text
    assert "### Ring, 40 epochs of 100,000 points" in text
    assert "points.py run benchmarks/fidelity/points_pacgan_ring.yaml --share 0.1`;\n3 seeds" in text
    assert "a CPU, 2 cores, torch 2, 1 thread." in text


def test_a_table_without_modes_has_no_columns_and_no_ceiling_for_them(tmp_path: Path) -> None:
    path = points_results(tmp_path / "points_swiss_roll.json", {})
    found = json.loads(path.read_text(encoding="utf-8"))
    distances = {"status": "finished", "w1_swiss_roll_2500": 0.05, "w2_swiss_roll_2500": 0.2}
    found["protocol"]["dataset"] = {"name": "swiss_roll", "options": None}
    found["floor"] = {"real": distances, "gaussian": distances}
    made = {"seconds_of_this_call": 90.0, "machine": "a CPU, 2 cores", "torch": "2"}
    found["variants"] = {"some": made | {"cells": {"0": distances, "1": distances}}}
    path.write_text(json.dumps(found), encoding="utf-8")
    text = script("points_page").section(path)
    assert "| | W1 ↓ | W2 ↓ | minutes |\n|---|---|---|---|\n| `some` | 0.050 ± 0.000 | 0.200 ± 0.000 | 1.5 |" in text
    assert "| *real points (floor)* | 0.050 | 0.200 | – |" in text
    assert "a perfect generator" not in text


def test_modes_that_were_counted_again_by_more_samples_say_so(tmp_path: Path) -> None:
    counted = {
        str(seed): {"modes": 8 - seed, "high_quality": 0.98 + seed / 100, "reverse_kl": seed / 1000} for seed in (0, 1)
    }
    path = points_results(tmp_path / "points_pacgan_ring.json", {"ours": [points_cell(8, 0.97, 0.002)]},
                          recounted={"samples": 50_000, "cells": counted})  # fmt: skip
    assert (
        "- `ours` by 50,000 samples a seed: at least 7 modes and 98.0 % of high quality, a KL of 0.0000 to 0.0010; "
        "a perfect generator has 0.0001." in script("points_page").section(path)
    )


def test_modes_are_counted_again_only_of_what_was_trained() -> None:
    refused = CliRunner().invoke(
        script("points").main,
        ["recount", str(FOLDER / "points_pacgan_grid.yaml"), "--variant", "pacgan4", "--runs", "."],
    )
    assert refused.exit_code == 1
    assert refused.output.endswith("pacgan4: no results of what points_pacgan_grid.yaml declares\n")


def test_seeds_of_points_that_diverged_are_counted_and_left_out_of_means(tmp_path: Path) -> None:
    page = script("points_page")
    diverged: dict[str, object] = {"status": "diverged", "iteration": 3, "images": 300}
    cells = [points_cell(8, 0.97, 0.002), diverged, points_cell(8, 0.97, 0.002)]
    text = page.section(points_results(tmp_path / "points_pacgan_ring.json", {"some": cells, "none": [diverged]}))
    some = next(line for line in text.splitlines() if line.startswith("| `some` (1 of 3 diverged) | 8.0 ± 0.0 | 97.0"))
    assert "| diverged |" in some
    assert "| `none` (1 of 1 diverged) | – | – | – | – | – | – | 1.5 |" in text


def test_of_a_strip_of_many_moments_six_are_shown_from_the_first_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = script("points_page")
    monkeypatch.setattr(page, "RESULTS_PAGE", tmp_path / "results.md")
    strip = np.zeros((9, 21 * 8, 3), np.uint8)
    strip[:, :, 0] = np.arange(21).repeat(8) * 10  # every moment has a red of its own
    for variant in ("gan", "ours", "not_shown"):
        (tmp_path / "points_pacgan_ring" / variant / "0").mkdir(parents=True)
        Image.fromarray(strip).save(tmp_path / "points_pacgan_ring" / variant / "0" / "progress.png")
    text = page.section(points_results(tmp_path / "points_pacgan_ring.json", {"ours": [points_cell(8, 1, 0)]}))
    assert "![Ring](results-points_pacgan_ring.png)" in text
    with Image.open(tmp_path / "results-points_pacgan_ring.png") as sheet:
        pixels = np.asarray(sheet)
    assert pixels.shape == (9, 2 * (page.LABEL + 6 * 8), 3)  # two variants, beside each other
    assert pixels[4, page.LABEL + 4 : page.LABEL + 6 * 8 : 8, 0].tolist() == [0, 40, 80, 120, 160, 200]


def test_the_command_of_a_protocol_is_that_of_its_file() -> None:
    page = script("points_page")
    for protocol in ("points_orders", "points_pacgan_grid"):
        line = f"python benchmarks/fidelity/points.py run benchmarks/fidelity/{protocol}.yaml"
        assert page.command_of(page.name_of(protocol, 1.0)) == line
        assert page.command_of(page.name_of(protocol, 0.1)) == f"{line} --share 0.1"


def test_claims_of_points_are_decided_over_seeds_and_say_why_where_they_do_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = script("points_page")
    claims = (
        Claim("Even beats odd", "reverse_kl", "even", "odd", "For a reason."),
        Claim("Odd beats even", "reverse_kl", "odd", "even", "For a reason."),
        Claim("Absent beats even", "reverse_kl", "absent", "even"),
    )
    monkeypatch.setitem(page.PROTOCOLS, "points_tried", page.Protocol("Tried", claims=claims))
    even, odd = ([points_cell(8, 0.9, start + seed / 100) for seed in range(6)] for start in (0.0, 0.5))
    text = page.section(points_results(tmp_path / "points_tried.json", {"even": even, "odd": odd}))
    assert text.splitlines()[-2:] == [
        "- Even beats odd (reverse KL): **holds**, difference -0.500 ± 0.000, p = 0.004.",
        "- Odd beats even (reverse KL): **the other way round**, difference 0.500 ± 0.000, p = 0.004. For a reason.",
    ]


POINTS = sorted(FOLDER.glob("points_*.yaml"))


@pytest.mark.parametrize("protocol", POINTS, ids=lambda path: path.stem)
def test_every_protocol_of_points_is_valid_and_its_claims_are_of_its_variants(protocol: Path) -> None:
    points = script("points")._params(protocol, 1.0).points
    shown = script("points_page").PROTOCOLS[protocol.stem]
    named = {name for claim in shown.claims for name in (claim.winner, claim.loser)} | set(shown.shown)
    assert named <= points.variants.keys()


def test_a_matrix_declares_every_pair_but_the_refused_ones() -> None:
    expand = script("points_matrix").expand
    matrix = {
        "all": {"network": "mlp"},
        "objective": {"hinge": "hinge", "kl": {"f_gan": "kl"}},
        "constraint": {"free": {}, "r1": {"r1": 0.1}},
        "refused": ["kl__free"],
    }
    assert expand({"seeds": [0], "points": {"dataset": "ring"}, "matrix": matrix}) == {
        "seeds": [0],
        "points": {
            "dataset": "ring",
            "variants": {
                "hinge__free": {"network": "mlp", "objective": "hinge", "constraint": {}},
                "hinge__r1": {"network": "mlp", "objective": "hinge", "constraint": {"r1": 0.1}},
                "kl__r1": {"network": "mlp", "objective": {"f_gan": "kl"}, "constraint": {"r1": 0.1}},
            },
        },
    }
    assert expand({"seeds": [0], "points": {"variants": {}}}) == {"seeds": [0], "points": {"variants": {}}}


def test_the_one_pair_of_the_matrix_that_is_left_out_is_refused() -> None:
    yaml = YAML(typ="safe")
    sections = yaml.load((FOLDER / "points_matrix.yaml").read_text(encoding="utf-8"))
    (refused,) = sections["matrix"]["refused"]
    sections["matrix"]["refused"] = []
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8")) | script("points_matrix").expand(sections)
    with pytest.raises(BenchError, match=refused):
        check_tracks(Params.model_validate(values))


def test_a_matrix_counts_what_diverged_and_leaves_out_what_was_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = script("points_page")
    monkeypatch.setattr(page, "RESULTS_PAGE", tmp_path / "results.md")
    diverged: dict[str, object] = {"status": "diverged", "iteration": 3, "images": 300}
    good = points_cell(8, 0.97, 0.002)
    variants = {
        "hinge__free": [diverged, good, good],
        "hinge__r1": [good | {"w1_ring_2500": value} for value in (0.1, 0.2, 0.3)],
        "kl__r1": [diverged, diverged, diverged],
    }
    lines = page.section(points_results(tmp_path / "points_matrix.json", variants)).splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    table = {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows}
    hinge, kl = table["`hinge`"], table["`kl`"]
    assert (hinge["free"], hinge["r1"]) == ("0.050 ± 0.000 (1 of 3 diverged)", "0.200 ± 0.248")
    assert (hinge["r2"], hinge["median"]) == ("–", "0.125")
    assert (kl["r1"], kl["median"]) == ("– (3 of 3 diverged)", "diverged")
    assert (table["`wasserstein`"]["free"], table["`wasserstein`"]["median"]) == ("refused", "–")
    assert table["*median*"]["free"] == "0.050"
    with Image.open(tmp_path / "results-points_matrix.png") as picture:
        assert picture.width > 1000


def test_histories_of_all_seeds_and_pictures_of_the_first_are_kept(tmp_path: Path) -> None:
    outputs = tmp_path / "runs" / "points" / "some"
    for seed in (4, 5):
        for path in ("train/{}/history.csv", "evaluation/{}/progress.png", "evaluation/{}/discriminator.png"):
            file = outputs / path.format(seed)
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".png":
                Image.new("RGB", (4, 4)).save(file)
            else:
                file.write_text("iteration\n", encoding="utf-8")
    points = script("points")
    points.keep_variant(tmp_path, "some", [4, 5], tmp_path / "kept")
    kept = {path.relative_to(tmp_path / "kept" / "some").as_posix() for path in (tmp_path / "kept").rglob("*.*")}
    assert kept == {"4/history.csv", "5/history.csv", "4/progress.png", "4/discriminator.png"}
    with pytest.raises(points.click.ClickException, match=r"6/history.csv: no such file"):
        points.keep_variant(tmp_path, "some", [6], tmp_path / "kept")


def test_results_of_another_protocol_are_not_written_over(tmp_path: Path) -> None:
    points = script("points")
    results = points_results(tmp_path / "points_tried.json", {"some": [points_cell(8, 0.9, 0.1)]}, declared={"a": 1})
    assert points._done(results, "some", {"a": 1}, {"seeds": [0, 1, 2]})
    assert not points._done(results, "some", {"a": 2}, {"seeds": [0, 1, 2]})
    assert not points._done(results, "other", {"a": 1}, {"seeds": [0, 1, 2]})
    with pytest.raises(points.click.ClickException, match=r"protocol\.seeds: \[0, 1, 2\]; allowed: \[0\]"):
        points._done(results, "some", {"a": 1}, {"seeds": [0]})


def test_the_slope_of_a_generators_loss_comes_from_the_second_half_of_its_history(tmp_path: Path) -> None:
    page = script("points_page")
    for seed, first in ((0, 0.9), (1, 0.1)):
        for name, logarithm in (("down", lambda d: np.log(1 - d)), ("up", lambda d: -np.log(d))):
            (tmp_path / name / str(seed)).mkdir(parents=True)
            rows = "".join(f"{step},{logarithm(d)}\n" for step, d in enumerate((first, first, 0.02, 0.02)))
            (tmp_path / name / str(seed) / "history.csv").write_text(f"iteration,generator\n{rows}", encoding="utf-8")
    assert "slope of 0.020 ± 0.000 in" in page.slope("down", "minimax", tmp_path / "down")
    assert "slope of 0.980 ± 0.000 in" in page.slope("up", "non_saturating", tmp_path / "up")
    with pytest.raises(KeyError):
        page.slope("up", "hinge", tmp_path / "up")


def test_spreads_are_medians_over_variants_of_shares_alone() -> None:
    columns = (Column("fid_judge", "FID", "lower", 1), Column("high_quality", "high, %", "higher", 1, "per cent"))
    seeds = {
        "wide": {seed: {"fid_judge_9": 1.0, "high_quality_ring_100": share} for seed, share in enumerate((0.2, 0.8))},
        "still": {seed: {"fid_judge_9": 1.0, "high_quality_ring_100": 0.5} for seed in range(2)},
        "narrow": {seed: {"fid_judge_9": 1.0, "high_quality_ring_100": share} for seed, share in enumerate((0.4, 0.6))},
        "alone": {0: {"high_quality_ring_100": 0.9}, 1: {"status": "diverged"}},
    }  # fmt: skip
    between = 100 * 0.2 / np.sqrt(2)  # of `narrow`, the one in the middle
    within = 100 * np.sqrt(0.4 * 0.6 / 100)
    assert script("spreads").spreads(columns, seeds)[-1].endswith(f": high, % {between:.2f} and {within:.2f}.")
    assert script("spreads").spreads(columns[:1], seeds) == []
    assert script("spreads").spreads(columns, {"alone": seeds["alone"]}) == []


def test_the_course_of_points_says_when_the_mean_over_seeds_was_least(tmp_path: Path) -> None:
    for seed, values in enumerate(((0.9, 0.1, 0.2), (0.8, 0.3, 0.4))):
        folder = tmp_path / "known" / str(seed)
        folder.mkdir(parents=True)
        rows = [f"{step},{step * 1_000_000},{value}" for step, value in enumerate(values)]
        (folder / "curve.csv").write_text("\n".join(["iteration,images,reverse_kl_ring_50", *rows]) + "\n")
    page = script("points_page")
    falling = tmp_path / "falling" / "0"
    falling.mkdir(parents=True)
    (falling / "curve.csv").write_text("iteration,images,reverse_kl_ring_50\n0,0,0.9\n1,1000000,0.1\n")
    lines = page.courses(
        tmp_path, ["known", "unknown", "falling"], page.source_of({"dataset": {"name": "ring", "options": None}})
    )
    assert lines == [
        "",
        "- `known`, reverse KL by 50 samples, mean over seeds: least 0.200 after 1 million points, 0.300 at the end; a "
        "perfect generator has 0.070.",
    ]
