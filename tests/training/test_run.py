"""A cell trains from the store to its outputs; twice gives the same bytes."""

import csv
import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganbench import sampling
from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.objectives.losses.minimax import Minimax
from ganbench.params import Choice, Params
from ganbench.training.device import pick_device
from ganbench.training.reading import Reading
from ganbench.training.run import train_cell

CPU = torch.device("cpu")
VARIANTS = ["gan", "gan_ns", "dcgan", "wgan", "wgan_gp"]


class Notes:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.rows: list[Reading] = []
        self.pictures: list[int] = []

    def losses(self, reading: Reading) -> None:
        self.rows.append(reading)

    def picture(self, images: int, path: Path) -> None:
        assert path.exists()
        self.pictures.append(images)


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.usefixtures("small_store")
def test_every_variant_trains_and_samples_to_the_same_bytes_twice(variant: str, small_params: Params) -> None:
    cell = Cell("images", variant, 0)
    digests = []
    for _ in range(2):
        status = train_cell(cell, small_params, Notes())
        sampling.sample_cell(cell, small_params, CPU)
        digests.append(digest(cell.train_dir.parent))
    assert digests[0] == digests[1]
    assert status.status == "finished"
    assert status.images == 1280, "the whole budget and no more"
    names = {name.split("/")[-1] for name in digests[0]}
    assert {"generator.safetensors", "generator_ema.safetensors", "discriminator.safetensors", "history.csv"} <= names
    assert {"samples.npz", "grid.png", "interpolation.png", "progress.gif"} <= names
    with (cell.train_dir / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(math.isfinite(float(value)) for row in rows for value in row.values())
    assert rows[-1]["images"] == "1280"
    assert np.load(cell.samples_dir / "samples.npz")["images"].shape == (40, 16, 16, 1)


@pytest.mark.usefixtures("small_store")
def test_seeds_and_variants_differ(small_params: Params) -> None:
    cells = [Cell("images", "gan", 0), Cell("images", "gan", 1), Cell("images", "gan_ns", 0)]
    for cell in cells:
        train_cell(cell, small_params, Notes())
    weights = {(cell.train_dir / "generator.safetensors").read_bytes() for cell in cells}
    assert len(weights) == 3


@pytest.mark.usefixtures("small_store")
def test_the_watcher_sees_what_the_history_keeps(small_params: Params) -> None:
    notes, cell = Notes(), Cell("images", "wgan_gp", 0)
    train_cell(cell, small_params, notes)
    with (cell.train_dir / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row.images for row in notes.rows] == [int(row["images"]) for row in rows]
    assert set(rows[0]) == {
        "iteration", "images", "discriminator_total", "discriminator", "gradient_penalty", "generator",
    }  # fmt: skip
    total = float(rows[0]["discriminator"]) + float(rows[0]["gradient_penalty"])
    assert float(rows[0]["discriminator_total"]) == pytest.approx(total, abs=1e-5)
    assert notes.pictures == [0, 640, 1280]
    assert [int(path.stem) for path in sorted((cell.train_dir / "pictures").iterdir())] == notes.pictures


@pytest.mark.usefixtures("small_store")
def test_clipped_weights_stay_in_the_box(small_params: Params) -> None:
    cell = Cell("images", "wgan", 0)
    train_cell(cell, small_params, Notes())
    critic, threshold = sampling.load_discriminator(cell, small_params, CPU)
    assert max(weight.abs().max().item() for weight in critic.parameters()) <= 0.01
    assert threshold is None


@pytest.mark.usefixtures("small_store")
def test_a_discriminator_scores_as_it_did_in_training_but_without_dropout(small_params: Params) -> None:
    images = torch.rand(32, 1, 16, 16)
    for variant in ("gan", "dcgan"):
        cell = Cell("images", variant, 0)
        train_cell(cell, small_params, Notes())
        discriminator, threshold = sampling.load_discriminator(cell, small_params, CPU)
        assert threshold == 0
        assert torch.equal(discriminator(images), discriminator(images))
    assert not torch.allclose(discriminator(images)[:4], discriminator(images[:4])), "normalised by the batch"


@pytest.mark.usefixtures("small_store")
def test_a_run_that_diverges_is_a_result(small_params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def explode(self: Minimax, fake: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return fake.mean() * (math.nan if len(calls) == 23 else 1)

    monkeypatch.setattr(Minimax, "generator", explode)
    notes, cell = Notes(), Cell("images", "gan", 0)
    status = train_cell(cell, small_params, notes)
    assert (status.status, status.iteration, status.images) == ("diverged", 23, 23 * 16)
    assert status.reason == "generator is nan at iteration 23"
    assert json.loads((cell.train_dir / "status.json").read_text())["iteration"] == 23
    assert len(calls) < 40, "it stopped at the next reading"
    history = (cell.train_dir / "history.csv").read_text().splitlines()
    assert history[-1].startswith("23,368,")
    assert "nan" in history[-1]
    kept = [int(path.stem) for path in sorted((cell.train_dir / "snapshots").iterdir())]
    assert kept == [160, 320], "those before it went wrong"
    sampling.sample_cell(cell, small_params, CPU)
    assert [path.name for path in cell.samples_dir.iterdir()] == ["status.json"]


@pytest.mark.usefixtures("small_store")
def test_a_last_step_to_infinity_is_found_in_the_weights(small_params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def last_step(self: Minimax, fake: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return fake.mean() if len(calls) < 80 else (fake - fake.detach()).mean().sqrt()  # 0, of infinite gradient

    monkeypatch.setattr(Minimax, "generator", last_step)
    cell = Cell("images", "gan", 0)
    status = train_cell(cell, small_params, Notes())
    assert (status.status, status.iteration) == ("diverged", 80)
    assert status.reason == "weights of the generator are not finite after iteration 80"
    sampling.sample_cell(cell, small_params, CPU)
    assert [path.name for path in cell.samples_dir.iterdir()] == ["status.json"]


@pytest.mark.usefixtures("small_store")
@pytest.mark.parametrize("seed", [0, 1])
def test_a_cell_is_sampled_from_latents_that_no_other_seed_has(small_params: Params, seed: int) -> None:
    cell = Cell("images", "gan", seed)
    params = small_params.model_copy(update={"seeds": [0, 1]})
    train_cell(cell, params, Notes())
    sampling.sample_cell(cell, params, CPU)
    drawn = sampling.draw(sampling.load_generator(cell, params, CPU), 40, seed, CPU)
    with np.load(cell.samples_dir / "samples.npz") as samples:
        assert np.array_equal(samples["images"], drawn)


@pytest.mark.usefixtures("small_store")
def test_without_the_trick_no_average_is_kept(small_params: Params) -> None:
    plain = small_params.images.variants["gan"].model_copy(update={"tricks": ()})
    images = small_params.images.model_copy(update={"variants": {"gan": plain}})
    params, cell = small_params.model_copy(update={"images": images}), Cell("images", "gan", 0)
    train_cell(cell, params, Notes())
    assert not (cell.train_dir / "generator_ema.safetensors").exists()
    raw = sampling.load_generator(cell, params, CPU, ema=False)
    assert np.array_equal(
        sampling.draw(raw, 3, 0, CPU), sampling.draw(sampling.load_generator(cell, params, CPU), 3, 0, CPU)
    )


def with_snapshots(params: Params, snapshots: int) -> Params:
    training = params.images.training.model_copy(update={"snapshots": snapshots})
    return params.model_copy(update={"images": params.images.model_copy(update={"training": training})})


@pytest.mark.parametrize("variant", ["gan", "wgan_gp"])
@pytest.mark.usefixtures("small_store")
def test_the_generator_is_kept_at_even_intervals_and_its_end_once(variant: str, small_params: Params) -> None:
    cell = Cell("images", variant, 0)
    train_cell(cell, with_snapshots(small_params, 4), Notes())
    steps = small_params.images.variants[variant].critic_steps
    with (cell.train_dir / "snapshots.csv").open() as file:
        rows = [{name: int(value) for name, value in row.items()} for row in csv.DictReader(file)]
    rounds = 80 // steps
    assert [row["iteration"] for row in rows] == [rounds // 4, rounds // 2, rounds * 3 // 4, rounds]
    assert all(row["images"] == row["iteration"] * 16 * steps for row in rows)
    assert all(row["generator_steps"] == row["iteration"] for row in rows)
    files = sorted((cell.train_dir / "snapshots").iterdir())
    assert [path.name for path in files] == [f"{row['images']:09d}.safetensors" for row in rows[:-1]]
    assert len({path.read_bytes() for path in [*files, cell.weights("generator")]}) == 4


@pytest.mark.usefixtures("small_store")
def test_a_snapshot_is_what_a_training_of_that_length_would_end_with(small_params: Params) -> None:
    cell = Cell("images", "gan", 0)
    train_cell(cell, with_snapshots(small_params, 2), Notes())
    half = (cell.train_dir / "snapshots/000000640.safetensors").read_bytes()
    short = small_params.images.model_copy(update={"budget_kimg": 0.64})
    train_cell(cell, with_snapshots(small_params.model_copy(update={"images": short}), 1), Notes())
    assert half == cell.weights("generator").read_bytes()
    assert not (cell.train_dir / "snapshots").exists(), "the end alone needs no file of its own"
    assert (cell.train_dir / "snapshots.csv").read_text() == "iteration,images,generator_steps\n40,640,40\n"


@pytest.mark.usefixtures("small_store")
def test_without_snapshots_none_are_kept_and_the_rest_is_the_same(small_params: Params) -> None:
    cell = Cell("images", "dcgan", 0)
    digests = []
    for snapshots in (0, 8):
        train_cell(cell, with_snapshots(small_params, snapshots), Notes())
        digests.append(digest(cell.train_dir))
    without, with_them = digests
    assert not any("snapshots" in name for name in without)
    assert len(with_them) == len(without) + 8, "seven weights and a table"
    assert {name for name in without if without[name] != with_them[name]} == {"declared.json"}


@pytest.mark.usefixtures("small_store")
def test_bf16_trains_with_float32_losses(small_params: Params) -> None:
    training = small_params.images.training.model_copy(update={"precision": "bf16"})
    params = small_params.model_copy(update={"images": small_params.images.model_copy(update={"training": training})})
    for variant in ("dcgan", "wgan_gp"):
        status = train_cell(Cell("images", variant, 0), params, Notes())
        assert status.status == "finished"


@pytest.mark.usefixtures("small_store")
def test_weights_of_another_network_are_refused(small_params: Params) -> None:
    cell = Cell("images", "gan", 0)
    train_cell(cell, small_params, Notes())
    other = small_params.images.variants["gan"].model_copy(
        update={"network": Choice(name="mlp", options={"width": 32})}
    )
    images = small_params.images.model_copy(update={"variants": {"gan": other}})
    with pytest.raises(BenchError, match="not the weights of the declared network"):
        sampling.load_generator(cell, small_params.model_copy(update={"images": images}), CPU)
    (cell.train_dir / "generator_ema.safetensors").write_bytes(b"damaged")
    with pytest.raises(BenchError, match="not the weights"):
        sampling.load_generator(cell, small_params, CPU)


def test_cells_that_are_not_there_are_refused(
    small_params: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BenchError, match="did you mean 'dcgan'"):
        sampling.load_generator(Cell("images", "dcgn", 0), small_params, CPU)
    with pytest.raises(BenchError, match="no such file"):
        sampling.load_generator(Cell("images", "dcgan", 0), small_params, CPU)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(BenchError, match="device: 'cuda:1': this machine has no such device; allowed: auto, cpu"):
        pick_device("cuda:1")


@pytest.mark.usefixtures("small_store")
def test_walks_begin_and_end_at_their_latents_and_keep_their_length(small_params: Params) -> None:
    cell = Cell("images", "gan", 0)
    train_cell(cell, small_params, Notes())
    generator = sampling.load_generator(cell, small_params, CPU)
    walks = sampling.interpolate(generator, rows=3, steps=5, seed=7, device=CPU)
    ends = torch.randn(2, 3, generator.latent_dim, generator=torch.Generator().manual_seed(7))
    assert walks.shape == (15, 16, 16, 1)
    assert np.abs(walks[0::5].astype(int) - sampling.render(generator, ends[0], CPU)).max() <= 1
    assert np.abs(walks[4::5].astype(int) - sampling.render(generator, ends[1], CPU)).max() <= 1


@pytest.mark.usefixtures("small_store")
def test_the_film_shows_every_picture(small_params: Params) -> None:
    cell = Cell("images", "gan", 0)
    train_cell(cell, small_params, Notes())
    sampling.sample_cell(cell, small_params, CPU)
    with Image.open(cell.samples_dir / "progress.gif") as film:
        assert film.n_frames == 3
