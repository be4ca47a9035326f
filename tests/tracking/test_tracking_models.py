"""What is logged of conditional generators and of translators, and how it is served."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
import torch
from fake_cells import STEPS, TINY, losses_at, write_finished, write_history, write_json
from mlflow import MlflowClient
from mlflow.entities import LoggedModel, Run

from ganbench.cell import Cell, declaration, prepared_dir
from ganbench.games.given import FILE, Given
from ganbench.games.recipe import image_recipe, image_shape
from ganbench.games.translation.recipe import translation_recipe
from ganbench.networks.network import ImageShape
from ganbench.params import Params
from ganbench.tracking.finished import data_hash
from ganbench.tracking.record import record
from ganbench.training.translated import translated
from ganbench.training.weights import save_weights
from ganbench.translating import load_translator

CPU = torch.device("cpu")
GIVEN = Given(
    classes=["ring", "disc", "bar"],
    words=["a", "blue", "red", "ring"],
    length=4,
    examples=["a red ring", "a blue ring"],
)


def recorded(root: Path, experiment: str) -> tuple[Run, dict[str, LoggedModel]]:
    """The only run of an experiment, and its models by name."""
    client = MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    known = client.get_experiment_by_name(experiment)
    assert known is not None
    (run,) = client.search_runs([known.experiment_id])
    return run, {model.name: model for model in client.search_logged_models([known.experiment_id])}


def served(model: LoggedModel) -> mlflow.pyfunc.PyFuncModel:
    return mlflow.pyfunc.load_model(model.artifact_location)


def example(model: LoggedModel) -> Any:
    folder = Path(model.artifact_location.removeprefix("file://"))
    return json.loads((folder / "serving_input_example.json").read_text())


@pytest.fixture
def conditional(
    project: Path, request: pytest.FixtureRequest
) -> tuple[mlflow.pyfunc.PyFuncModel, torch.nn.Module, Any]:
    """The served model of a cell with a condition, its generator, and the example to post."""
    variant = {"network": TINY, "objective": "minimax", "condition": request.param}
    values = {"dataset": "digits", "resolution": 16, "budget_kimg": 2, "variants": {"told": variant}}
    params, cell = Params.model_validate({"images": values}), Cell("images", "told", 0)
    generator = image_recipe(params, "told").generator(image_shape(params), GIVEN).eval()
    cell.train_dir.mkdir(parents=True)
    save_weights(generator, cell.train_dir / "generator.safetensors")
    write_json(cell.train_dir / FILE, asdict(GIVEN))
    finish(cell, params)
    write_json(cell.samples_dir / "status.json", {})
    assert record(cell, params)
    _, models = recorded(project, "images/digits")
    return served(models["generator"]), generator, example(models["generator"])


def finish(cell: Cell, params: Params) -> None:
    """What the outputs of a trained cell hold beside its weights."""
    write_history(cell, {images: losses_at(cell, images) for images in STEPS})
    status = {"status": "finished", "iteration": 30, "images": 1920, "reason": None}
    write_json(cell.train_dir / "status.json", status)
    write_json(cell.train_dir / "declared.json", declaration(cell, params))
    write_json(cell.metrics_path, {"status": "finished", "l1_8": 0.5})


def drawn(generator: torch.nn.Module, latents: np.ndarray, asked: torch.Tensor) -> np.ndarray:
    with torch.inference_mode():
        images = generator(torch.from_numpy(latents), asked)
    return ((images + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


@pytest.mark.parametrize("conditional", [{"label": "concatenation"}], indirect=True)
def test_a_label_is_asked_for_beside_the_latents(conditional: Any) -> None:
    model, generator, posted = conditional
    latents, labels = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32), np.array([2, 0, 1])
    found = model.predict({"latents": latents, "label": labels})
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, drawn(generator, latents, torch.from_numpy(labels)))
    assert [(column.name, str(column.type)) for column in model.metadata.signature.inputs] == [
        ("latents", "float32"),
        ("label", "int64"),
    ]
    typed = {"latents": np.array(posted["inputs"]["latents"], np.float32), "label": np.arange(2)}
    assert model.predict(typed).shape == (2, 16, 16, 1)
    with pytest.raises(ValueError, match="label outside the table; allowed: 0 to 2"):
        model.predict({"latents": latents[:1], "label": np.array([3])})


@pytest.mark.parametrize("conditional", [{"text": "concatenation"}], indirect=True)
def test_captions_are_asked_for_and_a_seed_decides_the_noise(conditional: Any) -> None:
    model, generator, posted = conditional
    texts = ["a red ring", "a purple ring"]
    found = model.predict(pd.DataFrame({"text": texts}), params={"seed": 5})
    noise = np.random.default_rng(5).standard_normal((2, 4)).astype(np.float32)
    np.testing.assert_array_equal(found, drawn(generator, noise, GIVEN.encode(texts)))
    assert not np.array_equal(found, model.predict(pd.DataFrame({"text": texts}), params={"seed": 6}))
    assert posted == {"dataframe_split": {"columns": ["text"], "data": [["a red ring"], ["a blue ring"]]}}
    assert model.predict(pd.DataFrame(**posted["dataframe_split"])).shape == (2, 16, 16, 1)


SMALL = {"discriminator": {"patch": {"receptive": 16, "width": 2}}, "objective": "least_squares"}
TRANSLATIONS = {
    "pix2pix": SMALL | {"game": "paired", "network": {"unet": {"width": 2}}, "tricks": {"ema": 1}},
    "cyclegan": SMALL | {"game": {"cycle": {"identity": 0}}, "network": {"resnet": {"width": 2, "blocks": 1}}},
}


@pytest.fixture
def translations(project: Path) -> Params:
    """Two declared translations, grey to colour, and the descriptions of their domains."""
    for name, channels in {"a": 1, "b": 3}.items():
        size = {"resolution": 16, "channels": channels, "train": 40, "test": 12}
        hashes = {"sha256": {"train": name * 64, "test": name.upper() * 64}}
        write_json(prepared_dir("translation") / name / "meta.json", {"dataset": f"toy {name}"} | size | hashes)
    images = {"variants": {"gan": {"network": "mlp", "objective": "minimax"}}}
    translation = {"dataset": "shapes", "task": "grey", "resolution": 16, "variants": TRANSLATIONS}
    return Params.model_validate({"images": images, "translation": translation})


def translated_cell(variant: str, params: Params) -> Cell:
    cell, recipe = Cell("translation", variant, 0), translation_recipe(params, variant)
    cell.train_dir.mkdir(parents=True)
    a, b = ImageShape(1, 16), ImageShape(3, 16)
    torch.manual_seed(0)
    for way, shapes in {"ab": (a, b), "ba": (b, a)}.items():
        if way == "ab" or recipe.game.both_ways:
            for suffix in ("", "_ema") if recipe.tricks else ("",):
                weights = recipe.network.generator(*shapes)
                save_weights(weights, cell.train_dir / f"generator_{way}{suffix}.safetensors")
    write_json(cell.train_dir / "domains.json", {"a": vars(a), "b": vars(b)})
    finish(cell, params)
    cell.samples_dir.mkdir(parents=True)
    np.savez_compressed(cell.samples_dir / "ab.npz", images=np.zeros((8, 16, 16, 3), np.uint8))
    return cell


def test_a_translator_is_served_images(translations: Params, project: Path) -> None:
    cell = translated_cell("pix2pix", translations)
    assert record(cell, translations)
    _, models = recorded(project, "translation/shapes-grey")
    assert list(models) == ["generator_ab"]
    model = served(models["generator_ab"])
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 1), dtype=np.uint8)
    np.testing.assert_array_equal(
        model.predict(images), translated(load_translator(cell, translations, CPU), images, CPU)
    )
    (given,), (made,) = model.metadata.signature.inputs, model.metadata.signature.outputs
    assert (given.shape, made.shape) == ((-1, 16, 16, 1), (-1, 16, 16, 3))
    assert given.type == made.type == np.uint8


def test_two_translators_are_two_models(translations: Params, project: Path) -> None:
    cell = translated_cell("cyclegan", translations)
    assert record(cell, translations)
    run, models = recorded(project, "translation/shapes-grey")
    assert sorted(models) == ["generator_ab", "generator_ba"]
    assert served(models["generator_ba"]).predict(np.zeros((1, 16, 16, 3), np.uint8)).shape == (1, 16, 16, 1)
    assert [metric.key for metric in models["generator_ab"].metrics] == ["l1_8"]
    wanted = {
        "game": "cycle",
        "game.cycle": "10.0",
        "game.pool": "50",
        "network": "resnet",
        "network.blocks": "1",
        "discriminator": "patch",
        "discriminator.receptive": "16",
        "dataset": "shapes",
        "task": "grey",
        "lr": "0.0002",
    }
    assert {name: run.data.params.get(name) for name in wanted} == wanted
    assert run.data.tags["mlflow.source.name"] == "evaluate_translation@cyclegan-0"
    assert {one.dataset.digest for one in run.inputs.dataset_inputs} == {letter * 12 for letter in "abAB"}


def test_the_hash_of_two_domains_is_of_both(translations: Params) -> None:
    cell = Cell("translation", "pix2pix", 0)
    before = data_hash(cell)
    path = prepared_dir("translation") / "b/meta.json"
    path.write_text(path.read_text().replace("b" * 64, "c" * 64))
    assert data_hash(cell) != before


def test_an_unconditional_cell_keeps_its_key(project: Path, params: Params) -> None:
    """What newer tracks leave is no part of it."""
    from ganbench.tracking import finished

    cell = Cell("images", "gan", 0)
    write_finished(cell, params)
    found = finished.read(cell, params)
    assert found is not None
    weights = {"train/generator.safetensors", "train/generator_ema.safetensors"}
    told = {"train/history.csv", "train/status.json", "train/declared.json", "samples/samples.npz", "metrics"}
    assert set(found.hashes) == weights | told
