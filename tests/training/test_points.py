"""The track `points` from declaration to metrics."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import ot
import pytest
import torch

from ganbench.cell import Cell, cells, declaration, floor_metrics
from ganbench.data.points.stream import EVALUATION
from ganbench.errors import BenchError
from ganbench.evaluation.points.evaluate import REFERENCE, evaluate_floor, evaluate_points
from ganbench.games.tracks import check_tracks, source_of
from ganbench.params import Params
from ganbench.sampling import draw_points, load_generator
from ganbench.training import phase, points
from ganbench.training.points import PointsRecord, make_trainer, scratch_of_variant, train_points

SMALL = {"mlp": {"width": 8, "depth": 2, "latent": 2, "dropout": 0.0, "generator_norm": "none"}}
GAN = {"network": SMALL, "objective": "non_saturating", "constraint": {"r1": 0.1}, "tricks": {"ema": 0.1}}
CLIPPED = {"network": SMALL, "objective": "wasserstein", "constraint": {"weight_clip": 0.1}, "critic_steps": 2} | {
    "optimizer": {"lr": 1e-3, "decay_from": 0.25}
}
IMAGES = {"variants": {"gan": {"network": "mlp", "objective": "minimax"}}}


def declare(seeds: tuple[int, ...] = (0, 1), **section: Any) -> Params:
    base: dict[str, Any] = {
        "budget_kpoints": 0.64,
        "training": {"batch_size": 16, "log_every_kpoints": 0.16, "pictures": 2},
        "evaluate": {"samples": 60, "curve_samples": 50},
        "variants": {"gan": GAN},
    }
    return Params.model_validate({"device": "cpu", "seeds": list(seeds), "images": IMAGES, "points": base | section})


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def outputs() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path("runs").rglob("*")) if path.is_file()}


@pytest.mark.parametrize("data", ["ring", "mixture_1d"])
def test_a_variant_goes_from_declaration_to_metrics_and_pictures(data: str) -> None:
    params = declare(dataset=data)
    floor = evaluate_floor(params)
    statuses = train_points("gan", params)
    found = evaluate_points("gan", params)
    assert [status.status for status in statuses] == ["finished", "finished"]
    assert set(found) == set(cells(params, "points"))
    for cell, metrics in found.items():
        assert json.loads(cell.metrics_path.read_text())["status"] == "finished"
        assert set(metrics) - {"status"} == set(floor["real"])
        assert json.loads((cell.train_dir / "declared.json").read_text()) == declaration(cell, params)
        for name in ("progress.gif", "progress.png", "discriminator.png", "record.json", "samples.npz"):
            assert (cell.evaluation_dir / name).stat().st_size
        with np.load(cell.samples_dir / "samples.npz") as samples:
            drawn = draw_points(load_generator(cell, params, CPU), 60, cell.seed, CPU)
            assert np.array_equal(samples["points"], drawn.astype(np.float32)), "of latents that no other seed has"
        assert len(list(cell.pictures_dir.glob("*.png"))) == 3
        assert len((cell.train_dir / "history.csv").read_text().splitlines()) == 5
    assert floor_metrics("points").exists()


@pytest.mark.parametrize("data", ["ring", "swiss_roll"])
def test_the_curve_has_the_metrics_of_every_moment_of_the_film(data: str) -> None:
    params = declare(dataset=data)
    evaluate_floor(params)
    train_points("gan", params)
    evaluate_points("gan", params)
    cell = Cell("points", "gan", 1)
    with (cell.evaluation_dir / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [[int(row[key]) for key in ("iteration", "images", "generator_steps")] for row in rows] == [
        [0, 0, 0],
        [20, 320, 20],
        [40, 640, 40],
    ]
    counted = {f"{name}_{data}_50" for name in ("modes", "high_quality", "reverse_kl")} if data == "ring" else set()
    assert set(rows[0]) - {"iteration", "images", "generator_steps"} == {f"w1_{data}_50"} | counted
    with np.load(cell.train_dir / "snapshots.npz") as snapshots:
        last = snapshots["points"][-1]
    generator = load_generator(cell, params, CPU)
    with torch.inference_mode():
        drawn = generator(torch.randn(1000, 2, generator=torch.Generator().manual_seed(cell.seed)))
    assert np.allclose(last, drawn.numpy(), atol=1e-5)
    source = source_of(params)
    real = source.draw(60, np.random.default_rng([0, EVALUATION, REFERENCE]))[:50]
    costs = ot.dist(last[:50].astype(np.float64), real, "euclidean")
    assert float(rows[-1][f"w1_{data}_50"]) == pytest.approx(ot.emd2([], [], costs))
    assert len({row[f"w1_{data}_50"] for row in rows}) == 3


def test_two_trainings_leave_the_same_bytes() -> None:
    params = declare()
    train_points("gan", params)
    first = outputs()
    train_points("gan", params)
    assert outputs() == first


def test_rates_fall_in_a_training_as_declared() -> None:
    train_points("clipped", declare(variants={"clipped": CLIPPED}))
    fallen = outputs()
    constant = CLIPPED | {"optimizer": {"lr": 1e-3}}
    train_points("clipped", declare(variants={"clipped": constant}))
    weights = "runs/points/clipped/train/0/generator.safetensors"
    assert outputs()[weights] != fallen[weights]


def test_a_seed_draws_the_same_points_whoever_trains_beside_it() -> None:
    train_points("gan", declare(seeds=(1,)))
    alone = draw_points(load_generator(Cell("points", "gan", 1), declare(seeds=(1,)), torch.device("cpu")), 20, 0, CPU)
    train_points("gan", declare(seeds=(0, 1)))
    beside = draw_points(load_generator(Cell("points", "gan", 1), declare(), CPU), 20, 0, CPU)
    assert np.allclose(alone, beside, atol=1e-3)


CPU = torch.device("cpu")


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_a_training_that_was_killed_ends_with_the_same_bytes(
    seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    params = declare(seeds, variants={"gan": GAN, "clipped": CLIPPED})
    for variant in ("gan", "clipped"):
        train_points(variant, params)
    expected = outputs()

    class KilledError(Exception):
        pass

    def kill(self: PointsRecord, images: int) -> None:
        if images >= 320:
            raise KilledError
        picture(self, images)

    picture = PointsRecord.picture
    for variant in ("gan", "clipped"):
        with monkeypatch.context() as patch:
            patch.setattr(PointsRecord, "picture", kill)
            patch.setattr("ganbench.training.checkpoint.Scratch.due", lambda self: True)
            with pytest.raises(KilledError), scratch_of_variant(variant, params) as scratch:
                train_points(variant, params, scratch)
        with scratch_of_variant(variant, params) as scratch:
            assert scratch.load() is not None
            train_points(variant, params, scratch)
    assert outputs() == expected


COMPILED = {"batch_size": 16, "log_every_kpoints": 0.16, "pictures": 2, "path": "compiled"}


def test_seeds_side_by_side_compile_to_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase, "BACKEND", "eager")  # traced whole, gradients and penalty included
    losses = []
    for declared in (declare(), declare(training=COMPILED)):
        trainer, _ = make_trainer("gan", declared)
        for _ in range(10):
            trainer.play_round()
        losses.append([list(reading.losses.values()) for reading in trainer.read()])
    assert trainer.path == "compiled"
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5, atol=1e-6)


def test_draws_of_a_loss_are_the_hosts_and_do_not_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase, "BACKEND", "eager")
    penalised = GAN | {"objective": "wasserstein", "constraint": {"gradient_penalty": 1.0}}
    trainer, _ = make_trainer("gan", declare(variants={"gan": penalised}, training=COMPILED))
    said = r"^params.yaml: points.training.path: 'compiled': the move of discriminator can't be compiled: .*eager$"
    with pytest.raises(BenchError, match=said):
        trainer.play_round()


def test_a_seed_that_diverges_is_recorded_and_the_others_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    params = declare()

    def spoilt(variant: str, declared: Params) -> Any:
        trainer, noise = make(variant, declared)
        with torch.no_grad():
            next(trainer.players["generator"].parameters())[0] = float("inf")
        return trainer, noise

    make = make_trainer
    monkeypatch.setattr(points, "make_trainer", spoilt)
    first, second = train_points("gan", params)
    assert first.status == "diverged"
    assert first.iteration < second.iteration == 40
    assert second.status == "finished"
    evaluate_floor(params)
    found = evaluate_points("gan", params)
    assert found[Cell("points", "gan", 0)] == {
        "status": "diverged",
        "iteration": first.iteration,
        "images": first.images,
    }
    assert found[Cell("points", "gan", 1)]["status"] == "finished"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"dataset": "rng"}, "unknown dataset 'rng' (did you mean 'ring'?)"),
        ({"variants": {"gan": {"network": "dcgan", "objective": "minimax"}}}, "points.variants.gan.network: dcgan"),
        ({"variants": {"gan": GAN | {"tricks": {"packing": 3}}}}, "points.variants.gan.tricks"),
        ({"budget_kpoints": 0.01}, "points.budget_kpoints: 0.01"),
        ({"training": {"batch_size": 16, "pool": 8}}, "points.training.pool: 8"),
    ],
)
def test_what_makes_no_sense_is_refused(section: Mapping[str, Any], said: str) -> None:
    with pytest.raises(BenchError) as refused:
        check_tracks(declare(**section))
    assert said in refused.value.message


def test_a_cell_that_is_not_declared_is_refused() -> None:
    with pytest.raises(BenchError, match="unknown variant 'gna'"):
        declaration(Cell("points", "gna", 0), declare())
    with pytest.raises(BenchError, match="unknown track 'pints'"):
        declaration(Cell("pints", "gan", 0), declare())
