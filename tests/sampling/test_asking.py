"""Conditional cells train from the store to their outputs, and are asked for what is wanted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ganbench import sampling
from ganbench.cell import Cell
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.games.given import Given
from ganbench.params import Params, Variant
from ganbench.training.reading import Reading
from ganbench.training.run import train_cell

CPU = torch.device("cpu")
LABEL, TEXT, PLAIN = (Cell("images", name, 0) for name in ("projection", "gan_cls", "plain"))
BASE = {"network": {"mlp": {"width": 8, "latent": 8}}, "objective": "non_saturating", "optimizer": {"lr": 1e-3}}
VARIANTS = {
    "projection": BASE | {"condition": {"label": "projection"}},
    "gan_cls": BASE | {"condition": "text"},
    "plain": BASE,
}


class Nobody:
    """A watcher that looks away."""

    def losses(self, reading: Reading) -> None: ...

    def picture(self, images: int, path: Path) -> None: ...


@pytest.fixture
def params(small_params: Params, small_store: Path) -> Params:
    variants = {name: Variant.model_validate(variant) for name, variant in VARIANTS.items()}
    images = small_params.images.model_copy(update={"budget_kimg": 0.16, "variants": variants})
    return small_params.model_copy(update={"images": images})


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(("cell", "picture"), [(LABEL, "classes.png"), (TEXT, "captions.png")])
def test_a_conditional_cell_trains_and_samples_to_the_same_bytes_twice(
    cell: Cell, picture: str, params: Params
) -> None:
    digests = []
    for _ in range(2):
        train_cell(cell, params, Nobody())
        sampling.sample_cell(cell, params, CPU)
        digests.append(digest(cell.train_dir.parent))
    assert digests[0] == digests[1]
    assert {f"samples/{name}" for name in ("grid.png", "interpolation.png", "progress.gif", picture)} < {*digests[0]}


def test_samples_are_of_held_out_rows_and_can_be_drawn_again(params: Params, small_store: Path) -> None:
    store = Store.open(small_store)
    for cell in (LABEL, TEXT):
        train_cell(cell, params, Nobody())
        sampling.sample_cell(cell, params, CPU)
        with np.load(cell.samples_dir / "samples.npz") as found:
            images, rows = found["images"], found["rows"]
        assert len(images) == len(rows) == params.images.sample.count == store.meta.test
        assert sorted(rows) == [*range(store.meta.test)], "each once before any twice"
        captions = store.captions("test")
        asked = store.labels("test")[rows] if cell == LABEL else [captions[row] for row in rows]
        generator, given = sampling.load_generator(cell, params, CPU), Given.read(cell.train_dir)
        again = sampling.draw_asked(generator, given, asked, params.images.sample.seed, CPU)
        assert np.array_equal(images, again)
        other = asked[::-1].copy() if cell == LABEL else asked[::-1]
        assert not np.array_equal(images, sampling.draw_asked(generator, given, other, 0, CPU))


def test_pictures_have_a_column_a_class(params: Params) -> None:
    train_cell(LABEL, params, Nobody())
    with Image.open(next((LABEL.train_dir / "pictures").iterdir())) as picture:
        scale = 3
        assert picture.size == ((3 * 18 + 2) * scale, (8 * 18 + 2) * scale)
    assert json.loads((LABEL.train_dir / "given.json").read_text())["classes"] == ["a", "b", "c"]


def test_the_scorer_judges_beside_labels_and_captions(params: Params) -> None:
    images = torch.rand(12, 1, 16, 16)
    train_cell(LABEL, params, Nobody())
    scorer, threshold = sampling.load_discriminator(LABEL, params, CPU)
    labels = torch.arange(12) % 3
    assert threshold == 0
    scores = scorer(images, labels=labels)
    assert torch.allclose(scores[:5], scorer(images[:5], labels=labels[:5]), atol=1e-6)  # sums of another batch size
    assert not torch.allclose(scores, scorer(images, labels=labels.roll(1)), atol=1e-4)
    with pytest.raises(ValueError, match="labels or captions"):
        scorer(images)
    train_cell(TEXT, params, Nobody())
    scorer, _ = sampling.load_discriminator(TEXT, params, CPU)
    captions = ["a big b", "a small c"] * 6
    codes = Given.read(TEXT.train_dir).encode(captions)
    assert torch.equal(scorer(images, captions=captions), scorer(images, captions=codes))
    assert not torch.equal(scorer(images, captions=captions), scorer(images, captions=captions[::-1]))


def test_a_grid_is_drawn_of_what_is_wanted(params: Params, capsys: pytest.CaptureFixture[str]) -> None:
    def grid(cell: Cell, **wanted: str) -> bytes:
        sampling.sample_grid(cell, params, CPU, Path("x.png"), count=6, columns=3, seed=1, **wanted)
        return Path("x.png").read_bytes()

    for cell in (LABEL, TEXT, PLAIN):
        train_cell(cell, params, Nobody())
    assert len({grid(LABEL, label="a"), grid(LABEL, label="b"), grid(LABEL)}) == 3
    assert len({grid(TEXT, text="a big b"), grid(TEXT, text="a small b"), grid(TEXT)}) == 3
    assert len(grid(PLAIN)) > 0
    capsys.readouterr()
    assert grid(TEXT, text="A  BIG b!") == grid(TEXT, text="a big b")
    assert capsys.readouterr().err == ""
    assert grid(TEXT, text="a crooked wooden b") != grid(TEXT, text="a big b")
    assert capsys.readouterr().err.splitlines() == [
        "--text: 2 unknown: crooked, wooden; the data set's captions have no such words"
    ]


@pytest.mark.parametrize(
    ("cell", "wanted", "message"),
    [
        (LABEL, {"label": "d"}, "--label: unknown label 'd'.*; allowed: a, b, c"),
        (LABEL, {"text": "a big b"}, "--text: 'a big b': the players of images/projection/0 were told labels"),
        (TEXT, {"label": "a"}, "--label: 'a': the players of images/gan_cls/0 were told captions"),
        (PLAIN, {"label": "a"}, "were told nothing"),
        (TEXT, {"text": " ,. "}, "--text: ' ,. ': no words"),
        (TEXT, {"text": ""}, "no words"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(cell: Cell, wanted: dict[str, str], message: str, params: Params) -> None:
    train_cell(cell, params, Nobody())
    with pytest.raises(BenchError, match=message):
        sampling.sample_grid(cell, params, CPU, Path("x.png"), count=6, columns=3, seed=1, **wanted)
    assert not Path("x.png").exists()


def rewrite(store: Path, **changes: object) -> None:
    meta = json.loads((store / "meta.json").read_text()) | changes
    (store / "meta.json").write_text(json.dumps(meta))


def test_data_that_do_not_tell_are_refused_before_training(params: Params, small_store: Path) -> None:
    rewrite(small_store, words=[], classes=["a", "b"])
    with pytest.raises(BenchError, match=r"images\.variants\.gan_cls\.condition: text: the data have no captions"):
        train_cell(TEXT, params, Nobody())
    with pytest.raises(BenchError, match=r"projection\.condition: \d+ of 100 training images have a label outside"):
        train_cell(LABEL, params, Nobody())
    rewrite(small_store, classes=[])
    with pytest.raises(BenchError, match="the data have no labels; allowed: none, or a dataset with labels"):
        train_cell(LABEL, params, Nobody())
    assert not Path("runs").exists()
