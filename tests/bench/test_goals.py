"""Goals beside what was measured."""

from typing import Any

import pytest

from ganbench.bench.goals import Goal, goals_table, goals_words


def peers(ratio: float, flags: list[str]) -> dict[str, Any]:
    columns = {name: {"ratio": {"median": ratio}} for name in ("a", "end_to_end")}
    return {"machine": {"flags": flags}, "results": [{"workload": "DCGAN, 32 px, batch 64", "columns": columns}]}


def row(aim: float, measured: float, more: bool) -> tuple[str, ...]:
    found = Goal("it", aim, "×", lambda _: measured, more).row({})
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("measured", "more", "verdict"),
    [
        (4.0, True, "met"),
        (3.0, True, "missed"),
        (3.9, True, "missed"),
        (5.0, False, "missed"),
        (2.0, False, "met"),
    ],
)
def test_a_goal_is_met_or_missed(measured: float, more: bool, verdict: str) -> None:
    assert row(4.0, measured, more)[3] == verdict


def test_what_was_not_measured_has_no_row() -> None:
    text = goals_table({"peers": peers(1.2, ["avx2"])})
    assert "DCGAN at 32 px" in text
    assert "SNGAN" not in text
    assert "dvc repro" not in text


def test_metrics_are_judged_by_the_slowest_and_by_all_together() -> None:
    results = [{"metric": name, "ours": {"seconds": 70.0, "peak_mb": 1024.0}} for name in ("FID", "KID")]
    lines = goals_table({"metrics": {"results": results}}).splitlines()
    assert [line.split("|")[3:5] for line in lines[2:4]] == [[" 70 s ", " met "], [" 140 s ", " missed "]]
    assert not [line for line in goals_table({}).splitlines() if "one after another" in line]


def test_the_table_says_where_the_machine_is_not_the_one_that_a_goal_was_set_for() -> None:
    assert "this one has none" in goals_table({"peers": peers(1.2, ["avx2"])})
    assert "this one has none" not in goals_table({"peers": peers(1.2, ["amx_bf16"])})


def test_of_several_batches_the_worst_counts() -> None:
    found = peers(1.2, ["avx2"])
    worse = {"a": {"ratio": {"median": 0.5}}, "end_to_end": {"ratio": {"median": 0.5}}}
    found["results"].append({"workload": "DCGAN, 32 px, batch 128", "columns": worse})
    assert "| 0.5× | missed |" in goals_table({"peers": found})


def test_what_is_said_of_the_goals_follows_from_what_was_measured() -> None:
    measured = peers(1.2, ["avx2"])
    assert "AMX" in goals_words({"peers": measured})
    assert "%" not in goals_words({"peers": measured}), "no profile, no share"
    measured["results"] = [
        {**measured["results"][0], "peer_profile": {"convolutions": share}} for share in (0.62, 0.0, 0.87)
    ]
    stages = {name: {"cpu_seconds": {"median": 7.0}, "import_seconds": 2.0} for name in ("train", "sample")}
    idle = [{"what": "dvc repro: cells", "value": cells, "seconds": 1 + cells / 4} for cells in (60, 20, 40)]
    found = {
        "peers": measured,
        "overhead": {"results": [{"variant": "dcgan", "stages": stages}]},
        "scale": {"results": [{"what": "prepare: images", "value": 1, "seconds": 1.0}, *idle]},
    }
    words = " ".join(goals_words(found).split())
    assert "62% to 87% of its time" in words
    assert "`dcgan` take 14 s of CPU; their imports alone take 4 s" in words
    assert "From 20 cells to 60, each cell adds 0.25 s" in words


def test_translations_are_measured_against_goals_of_their_own() -> None:
    columns = {name: {"ratio": {"median": 1.1}} for name in ("a", "end_to_end")}
    results = [{"workload": f"CycleGAN, {side} px, batch 1", "columns": columns} for side in (64, 128)]
    text = goals_table({"peers": peers(3.9, ["avx2"]), "translations": {"results": results}})
    assert "| PyTorch-GAN's CycleGAN at 64 and 128 px, end to end | ≥ 2× | 1.1× | missed |" in text
    assert "| any of them, same dtype, tensors ready | ≥ 1× | 1.1× | met |" in text


def test_a_cell_is_measured_cold_and_warm_where_there_is_a_warm_start() -> None:
    cold = {"variant": "gan", "stages": {}, "total": {"median": 20.0}, "warm": {}}
    rows = goals_table({"overhead": {"results": [cold]}})
    assert "cold | ≤ 6 s | 20 s | missed |" in rows
    assert "warm start" not in rows
    rows = goals_table({"overhead": {"results": [cold | {"warm": {"total": {"median": 5.0}}}]}})
    assert "the same, with the warm start of `ganbench repro` | ≤ 6 s | 5 s | met |" in rows


def test_of_the_metrics_the_slowest_the_largest_and_the_worst_ratio_count() -> None:
    def measured(seconds: float, peak: float) -> dict[str, float]:
        return {"seconds": seconds, "peak_mb": 1024 * peak}

    results = [
        {"ours": measured(30, 2), "torch_fidelity": measured(60, 3)},
        {"ours": measured(200, 1), "torch_fidelity": measured(100, 9)},
        {"ours": measured(100, 4.5)},
    ]
    rows = goals_table({"metrics": {"results": results}})
    assert "| ≤ 120 s | 200 s | missed |" in rows
    assert "| ≤ 4 GiB | 4.5 GiB | missed |" in rows
    assert "| ≥ 1× | 0.5× | missed |" in rows
