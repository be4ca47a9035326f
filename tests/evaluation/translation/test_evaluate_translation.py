import csv
import json
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from digits_project import CPU, real_digits, write_store
from PIL import Image

from ganbench.cell import METRICS, Cell, floor_dir, floor_metrics, judge_dir, prepared_dir
from ganbench.data.translation.domains import Domains, Pairing
from ganbench.errors import BenchError
from ganbench.evaluation.judge import train_judge
from ganbench.evaluation.translation.evaluate import evaluate_translation
from ganbench.evaluation.translation.figures import heat
from ganbench.evaluation.translation.floor import as_channels, identity_metrics, load_floor, translation_floor
from ganbench.evaluation.translation.setting import Setting
from ganbench.params import Judge as Settings
from ganbench.params import Params
from ganbench.training.snapshots import read_moments
from ganbench.training.translated import translated
from ganbench.training.translation import train_translation
from ganbench.translating import load_translator, translate_cell

ROOT = Path(__file__).resolve().parents[3]
HELD_OUT, N = 80, 60
CELL = Cell("translation", "pix2pix", 0)


def painted(images: np.ndarray) -> np.ndarray:
    """The known mapping: dark on a coloured ground."""
    return np.concatenate([255 - images, 255 - images // 2, images // 3], axis=3)


def declared(samples: int = N, variant: dict | None = None, **section) -> Params:
    pix2pix = {"game": "paired", "network": "unet", "objective": "non_saturating"} | (variant or {})
    images = {"variants": {"gan": {"network": "mlp", "objective": "minimax"}}}
    translation = {"variants": {"pix2pix": pix2pix}, "evaluate": {"samples": samples}, "resolution": 16} | section
    return Params.model_validate({"device": "cpu", "images": images, "translation": translation})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Digits, the same in colour, and a judge of each."""
    root = tmp_path_factory.mktemp("translation")
    torch.set_num_threads(1)
    images, labels = (values[:480] for values in real_digits())
    classes = [str(digit) for digit in range(10)]
    for name, pixels in (("a", images), ("b", painted(images))):
        store = write_store(root / "data" / name, pixels, labels, HELD_OUT, classes)
        train_judge(store, Settings(epochs=6, width=8, lr=1e-2), CPU, root / "judge" / name)
    Pairing("edges", paired=True, known=True, invertible=True).write(root / "data")
    return root


@pytest.fixture
def domains(made, tmp_path, monkeypatch) -> Domains:
    """A project in the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "data", prepared_dir("translation"))
    shutil.copytree(made / "judge", judge_dir("translation"))
    return Domains.open(prepared_dir("translation"))


def write(cell: Cell, **files: np.ndarray) -> None:
    cell.samples_dir.mkdir(parents=True, exist_ok=True)
    for name, images in files.items():
        np.savez_compressed(cell.samples_dir / f"{name}.npz", images=images)


def test_the_right_answers_score_the_ceiling_and_copies_the_baseline(domains):
    floor = translation_floor(declared())
    assert json.loads(floor_metrics("translation").read_text()) == {"status": "real", **floor["real"]}
    assert json.loads(identity_metrics().read_text()) == {"status": "identity", **floor["identity"]}
    write(CELL, ab=domains.truth("ab"))
    perfect = evaluate_translation(CELL, declared())
    assert json.loads(CELL.metrics_path.read_text()) == perfect
    of_ab = {name: value for name, value in floor["real"].items() if "_ab_" in name}
    assert {name: perfect[name] for name in of_ab} == pytest.approx(of_ab)
    assert set(perfect) == {*of_ab, "status"}
    write(CELL, ab=domains.a.images("test").repeat(3, axis=3))
    copied = evaluate_translation(CELL, declared())
    assert copied["l1_ab_60"] == pytest.approx(floor["identity"]["l1_ab_60"])


def test_ceiling_is_above_a_worse_translation_and_that_above_the_baseline(domains):
    floor = translation_floor(declared())
    noise = np.random.default_rng(0).normal(0, 20, domains.truth("ab").shape)
    write(CELL, ab=(domains.truth("ab") + noise).clip(0, 255).astype(np.uint8))
    found = evaluate_translation(CELL, declared())
    for name, better in (("l1_ab_60", -1), ("psnr_ab_60", 1), ("ssim_ab_60", 1), ("fid_judge_ab_60", -1)):
        order = [better * values[name] for values in (floor["identity"], found, floor["real"])]
        assert order == sorted(order)
        assert len(set(order)) == 3
    assert floor["real"]["accuracy_judge_ab_60"] > 0.6
    assert floor["real"]["l1_ab_60"] == 0


def test_copying_has_no_cycle_error_unless_colour_is_lost(domains):
    floor = translation_floor(declared())["identity"]
    assert floor["cycle_ab_60"] == 0
    assert floor["cycle_ba_60"] > 0.01


def test_two_generators_are_judged_both_ways_and_by_what_comes_back(domains):
    floor = translation_floor(declared())
    a, b = domains.truth("ba"), domains.truth("ab")
    write(CELL, ab=b, ba=a, aba=a, bab=b // 2)
    found = evaluate_translation(CELL, declared())
    assert found["l1_ba_60"] == found["cycle_ab_60"] == 0
    assert found["cycle_ba_60"] > 0.1
    assert found["fid_judge_ba_60"] == pytest.approx(floor["real"]["fid_judge_ba_60"])


def test_where_the_answers_are_unknown_real_images_show_what_judges_give_to_perfect_translations(domains):
    Pairing("domains", paired=False, known=False, invertible=False).write(domains.root)
    floor = translation_floor(declared())
    assert set(floor["real"]) == {f"{name}_judge_{way}_60" for name in ("accuracy", "fid") for way in ("ab", "ba")}
    write(CELL, ab=domains.b.images("test"))
    found = evaluate_translation(CELL, declared())
    assert set(found) == {"status", "accuracy_judge_ab_60", "fid_judge_ab_60"}
    record = json.loads((CELL.evaluation_dir / "record.json").read_text())
    assert "not known" in record["left_out"]["likeness_ab"]


def test_of_two_equally_valid_mappings_the_one_that_was_taken_is_told(domains):
    Pairing("symmetric", paired=False, known=True, invertible=True, symmetric=True).write(domains.root)
    other = domains.truth("ab")[..., ::-1]
    np.save(domains.root / "b_alternative.npy", other)
    np.save(domains.root / "a_alternative.npy", 255 - domains.truth("ba"))
    translation_floor(declared())
    write(CELL, ab=other, aba=domains.a.images("test"))
    found = evaluate_translation(CELL, declared())
    assert found["cycle_ab_60"] == found["l1_nearer_ab_60"] == found["correct_ab_60"] == 0
    assert found["alternative_taken_ab_60"] == 1
    assert found["l1_ab_60"] > 0.1


def test_the_record_states_protocol_judges_data_and_what_stands_beside_each_metric(domains):
    floor = translation_floor(declared())
    write(CELL, ab=domains.truth("ab"))
    found = evaluate_translation(CELL, declared())
    record = json.loads((CELL.evaluation_dir / "record.json").read_text())
    assert (record["protocol"]["n"], record["protocol"]["seed"]) == (N, 0)
    assert record["data"]["b"]["sha256"] == domains.b.meta.sha256
    assert set(record["judges"]) == {"a", "b"}
    assert record["judges"]["a"]["digest"] != record["judges"]["b"]["digest"]
    for entry in record["metrics"]:
        assert entry["value"] == found[entry["name"]]
        assert entry["floor"] == floor["real"].get(entry["name"])
        assert entry["baseline"] == floor["identity"].get(entry["name"])
        assert (entry["n"], entry["data"]) == (N, domains.b.meta.sha256["train"])
        of_judge = entry["name"].startswith(("fid", "accuracy"))
        assert entry["extractor"] == (record["judges"]["b"]["digest"] if of_judge else None)


def test_two_evaluations_give_the_same_bytes_and_the_picture_has_four_columns(domains):
    written = []
    for _ in range(2):
        translation_floor(declared())
        write(CELL, ab=domains.truth("ab") // 2)
        evaluate_translation(CELL, declared())
        folders = (floor_dir("translation"), CELL.evaluation_dir, METRICS)
        paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        written.append({str(path): path.read_bytes() for path in paths})
    assert written[0] == written[1]
    width, height = Image.open(CELL.evaluation_dir / "errors_ab.png").size
    assert height / width == pytest.approx(8 / 4, rel=0.02)


def test_no_error_is_black_and_a_large_one_is_bright():
    black, bright = heat(np.array([[[0.0, 1.0]]]))[0, 0].astype(int)
    assert black.max() < 10
    assert bright.min() > 150


class Nobody:
    """Watches nothing."""

    def losses(self, reading) -> None: ...

    def picture(self, images, path) -> None: ...


@pytest.mark.parametrize("moments", [3, 0])
def test_the_curve_measures_every_snapshot_and_ends_with_the_metrics(domains, moments):
    variant = {"network": {"unet": {"width": 4}}, "discriminator": {"patch": {"receptive": 16}}}
    params = declared(variant=variant, budget_kimg=0.096, training={"snapshots": moments, "pictures": 1})
    train_translation(CELL, params, Nobody())
    translate_cell(CELL, params, CPU)
    translation_floor(params)
    metrics = evaluate_translation(CELL, params)
    curve = CELL.evaluation_dir / "curve.csv"
    assert curve.exists() == bool(moments)
    if not moments:
        return
    with curve.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["images"], row["generator_steps"]) for row in rows] == [("32", "2"), ("64", "4"), ("96", "6")]
    names = set(rows[0]) - {"iteration", "images", "generator_steps"}
    assert names == {name for name in metrics if "_ab_" in name and not name.startswith("cycle")}
    assert {name: float(rows[-1][name]) for name in names} == {name: metrics[name] for name in names}
    (first,) = read_moments(CELL)[:1]
    inputs = domains.a.images("test")[:N]
    outputs = translated(load_translator(CELL, params, CPU, moment=first), inputs, CPU)
    apart = np.abs(outputs.astype(np.float64) - domains.truth("ab")[:N]).mean() / 255
    assert float(rows[0]["l1_ab_60"]) == pytest.approx(apart)
    assert rows[0]["l1_ab_60"] != rows[-1]["l1_ab_60"]


def test_a_diverged_cell_says_where_it_stopped(domains):
    CELL.samples_dir.mkdir(parents=True)
    status = {"status": "diverged", "iteration": 3, "images": 48, "reason": "generator_ab is nan"}
    (CELL.samples_dir / "status.json").write_text(json.dumps(status))
    evaluate_translation(CELL, declared())
    metrics = json.loads(CELL.metrics_path.read_text())
    assert metrics == {"status": "diverged", "iteration": 3, "images": 48}


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (None, r"ab\.npz: no such file; run dvc repro translate@pix2pix-0"),
        (np.zeros((N, 16, 16, 1), np.uint8), r"expected uint8 \(N, \(16, 16, 3\)\)"),
        (np.zeros((N - 1, 16, 16, 3), np.uint8), "59 images, expected at least 60"),
    ],
)
def test_translations_that_do_not_fit_are_refused(domains, images, message):
    translation_floor(declared())
    if images is not None:
        write(CELL, ab=images)
    with pytest.raises(BenchError, match=message):
        evaluate_translation(CELL, declared())
    assert not CELL.evaluation_dir.exists()


def test_a_floor_that_is_missing_or_of_another_protocol_is_refused(domains):
    write(CELL, ab=domains.truth("ab"))
    with pytest.raises(BenchError, match="no such file; run dvc repro floor_translation"):
        evaluate_translation(CELL, declared())
    translation_floor(declared(samples=50))
    with pytest.raises(BenchError, match=r"'n': 50.*'n': 60.*run dvc repro floor_translation"):
        load_floor(Setting.of(declared()))


def test_the_stages_judge_and_floor_run_as_commands(domains, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "stages")
    Path("params.yaml").write_text(
        "device: cpu\nimages:\n  variants: {gan: {network: mlp, objective: minimax}}\n"
        "translation:\n  judge: {epochs: 1, width: 8}\n  evaluate: {samples: 40}\n"
        "  variants: {pix2pix: {game: paired, network: unet, objective: non_saturating}}\n"
    )
    for stage, *arguments in (("judge_translation",), ("floor", "translation")):
        main = runpy.run_path(str(ROOT / "stages" / f"{stage}.py"))["main"]
        assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    judges = json.loads((METRICS / "translation/judge.json").read_text())
    assert sorted(judges) == ["a_test_accuracy", "a_test_loss", "b_test_accuracy", "b_test_loss"]
    assert json.loads(floor_metrics("translation").read_text())["l1_ab_40"] == 0
    assert json.loads(identity_metrics().read_text())["status"] == "identity"


def test_without_the_track_there_is_nothing_to_evaluate(domains):
    params = declared().model_copy(update={"translation": None})
    with pytest.raises(BenchError, match=r"params\.yaml: translation: missing"):
        translation_floor(params)


def test_too_few_images_are_refused_by_key(domains):
    with pytest.raises(BenchError, match=r"translation\.evaluate\.samples: 1: .*at least 2"):
        translation_floor(declared(samples=1))
    assert not floor_dir("translation").exists()


def test_grey_is_shown_as_three_equal_channels_and_colour_by_its_luminance():
    grey = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
    assert (as_channels(grey, 3) == grey).all()
    assert as_channels(grey, 1) is grey
    np.testing.assert_array_equal(as_channels(as_channels(grey, 3), 1), grey)
    colours = np.array([[[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]]], np.uint8)
    assert as_channels(colours, 1).ravel().tolist() == [76, 150, 29, 255]
