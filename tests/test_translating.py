"""What trained generators make of images: a cell's outputs, files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganbench.cell import Cell
from ganbench.data.translation.domains import Domains
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.training.translation import train_translation
from ganbench.translating import load_translator, translate_cell, translate_files

CPU = torch.device("cpu")
PIX2PIX, CYCLEGAN = Cell("translation", "pix2pix", 0), Cell("translation", "cyclegan", 0)


class Silent:
    """Nobody watches."""

    def losses(self, *_: Any) -> None: ...

    def picture(self, *_: Any) -> None: ...

    def resumed(self, *_: Any) -> None: ...

    def saved(self) -> None: ...


@pytest.fixture
def params(small_domains: Path) -> Params:
    """Two trained cells in a project of their own."""
    patch = {"discriminator": {"patch": {"receptive": 16, "width": 2}}, "objective": "least_squares"}
    variants = {
        "pix2pix": patch | {"game": "paired", "network": {"unet": {"width": 2}}},
        "cyclegan": patch | {"game": {"cycle": {"identity": 0}}, "network": {"resnet": {"width": 2, "blocks": 1}}},
    }
    images = {"variants": {"mlp": {"network": "mlp", "objective": "minimax"}}}
    translation = {
        "resolution": 16,
        "budget_kimg": 0.016,
        "training": {"batch_size": 4, "pictures": 2},
        "evaluate": {"samples": 7},
        "variants": variants,
    }
    declared = Params.model_validate({"device": "cpu", "images": images, "translation": translation})
    for cell in (PIX2PIX, CYCLEGAN):
        train_translation(cell, declared, Silent())
    return declared


def arrays(cell: Cell) -> dict[str, np.ndarray]:
    return {path.stem: np.load(path)["images"] for path in sorted(cell.samples_dir.glob("*.npz"))}


def test_a_pix2pix_cell_translates_one_way(params: Params, small_domains: Path) -> None:
    translate_cell(PIX2PIX, params, CPU)
    found = arrays(PIX2PIX)
    assert {name: (one.dtype, one.shape) for name, one in found.items()} == {"ab": (np.dtype(np.uint8), (7, 16, 16, 3))}
    assert {path.name for path in PIX2PIX.samples_dir.iterdir()} == {"ab.npz", "grid.png", "progress.gif"}
    grid = Image.open(PIX2PIX.samples_dir / "grid.png")
    assert (grid.width, grid.height) == (4 * (3 * 18 + 2), 4 * (7 * 18 + 2))
    assert Image.open(PIX2PIX.samples_dir / "progress.gif").n_frames == 3
    shown = np.asarray(grid)[::4, ::4]
    inputs = Domains.open(small_domains).a.images("test")
    assert np.array_equal(shown[2:18, 2:18], inputs[0].repeat(3, axis=2))
    assert np.array_equal(shown[2:18, 20:36], found["ab"][0])
    assert np.array_equal(shown[20:36, 38:54], 255 - inputs[1].repeat(3, axis=2))


def test_a_cyclegan_cell_translates_there_and_back(params: Params, small_domains: Path) -> None:
    translate_cell(CYCLEGAN, params, CPU)
    found = arrays(CYCLEGAN)
    assert {name: one.shape[-1] for name, one in found.items()} == {"ab": 3, "aba": 1, "ba": 1, "bab": 3}
    back = load_translator(CYCLEGAN, params, CPU, "ba")
    with torch.inference_mode():
        image = torch.from_numpy(found["ab"][:1]).permute(0, 3, 1, 2).float() / 127.5 - 1
        again = ((back(image) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    assert np.abs(again.permute(0, 2, 3, 1).numpy().astype(int) - found["aba"][:1]).max() <= 1


def test_translations_are_the_same_each_time(params: Params) -> None:
    """Dropout stays on, yet its noise is a function of the seed."""
    found = []
    for _ in range(2):
        translate_cell(PIX2PIX, params, CPU)
        found.append((PIX2PIX.samples_dir / "ab.npz").read_bytes())
        torch.rand(3)
    assert found[0] == found[1]


def test_a_diverged_cell_leaves_its_status_alone(params: Params) -> None:
    (PIX2PIX.train_dir / "status.json").write_text('{"status": "diverged"}')
    translate_cell(PIX2PIX, params, CPU)
    assert [path.name for path in PIX2PIX.samples_dir.iterdir()] == ["status.json"]


def test_a_file_is_what_the_stage_makes_of_it(params: Params, small_domains: Path, tmp_path: Path) -> None:
    translate_cell(CYCLEGAN, params, CPU)
    image = Domains.open(small_domains).a.images("test")[0]
    Image.fromarray(image[..., 0]).save(tmp_path / "in.png")
    said = translate_files(CYCLEGAN, params, tmp_path / "in.png", tmp_path / "out.png", CPU)
    assert said == [f"{tmp_path / 'in.png'} → {tmp_path / 'out.png'}"]
    made = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert np.abs(made - arrays(CYCLEGAN)["ab"][0]).max() <= 1


def test_a_folder_is_translated_file_by_file_and_other_sizes_are_said(params: Params, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for name, size in {"a.png": (16, 16), "b.jpg": (40, 30)}.items():
        Image.new("RGB", size, "red").save(tmp_path / "in" / name)
    (tmp_path / "in/notes.txt").write_text("not an image")
    said = translate_files(PIX2PIX, params, tmp_path / "in", tmp_path / "out", CPU)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]
    assert Image.open(tmp_path / "out/b.png").size == (16, 16)
    assert len(said) == 3
    assert "1 of 2 images are not of 16 × 16 pixels" in said[-1]
    assert "40 × 30" in said[-1]


def test_back_is_from_b_to_a(params: Params, tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "in.png")
    translate_files(CYCLEGAN, params, tmp_path / "in.png", tmp_path / "out.png", CPU, back=True)
    assert Image.open(tmp_path / "out.png").mode == "L"
    with pytest.raises(BenchError, match="has no way back"):
        translate_files(PIX2PIX, params, tmp_path / "in.png", tmp_path / "out.png", CPU, back=True)


@pytest.mark.parametrize(
    ("source", "out", "said"),
    [
        ("missing.png", "out.png", "missing.png: no such file"),
        ("torn.png", "out.png", "torn.png: not "),
        ("in", "nowhere", "nowhere: no such folder"),
        ("in", "in", "the folder of the inputs"),
        ("empty", "out", "no images there"),
        ("in.png", "nowhere/out.png", "no such folder"),
        ("in.png", "out.xyz", "unknown ending '.xyz'"),
        ("twice", "out", "more than one image would become a.png"),
        ("in", "out", "torn.png: not "),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    params: Params, tmp_path: Path, source: str, out: str, said: str
) -> None:
    for folder in ("in", "empty", "out", "twice"):
        (tmp_path / folder).mkdir()
    for name in ("in.png", "in/a.png", "twice/a.png", "twice/a.jpg"):
        Image.new("RGB", (16, 16)).save(tmp_path / name)
    for name in ("torn.png", "in/torn.png"):
        (tmp_path / name).write_bytes((tmp_path / "in.png").read_bytes()[:40])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BenchError) as refused:
        translate_files(PIX2PIX, params, tmp_path / source, tmp_path / out, CPU)
    assert said in refused.value.message
    assert "\n" not in refused.value.message
    assert sorted(tmp_path.rglob("*")) == before


def test_a_cell_that_is_not_trained_is_refused(params: Params, tmp_path: Path) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "in.png")
    for cell in (Cell("translation", "pix2pix", 1), Cell("translation", "pix3pix", 0)):
        with pytest.raises(BenchError):
            translate_files(cell, params, tmp_path / "in.png", tmp_path / "out.png", CPU)
