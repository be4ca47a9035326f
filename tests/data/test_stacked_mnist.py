"""Stacked MNIST, made of a small set of digits."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.data import check
from ganbench.data.source import Item
from ganbench.data.sources.mnist import Mnist
from ganbench.data.sources.stacked_mnist import COLOURS, StackedMnist, chosen_digits
from ganbench.data.translation.raw import open_raw
from ganbench.errors import BenchError
from ganbench.games.recipe import check_conditions
from ganbench.params import Params, Prepare, Translation, Variant

STACKS = {"train": 300, "test": 90}
UNET = {"game": "paired", "network": "unet", "objective": "non_saturating"}


@pytest.fixture
def root(tmp_path) -> Path:
    raw_sets.mnist(tmp_path / "stacked_mnist", train=60, test=20)
    return tmp_path / "stacked_mnist"


@pytest.fixture
def source(root, monkeypatch) -> StackedMnist:
    monkeypatch.setattr(StackedMnist, "counts", STACKS)
    return StackedMnist(root, Prepare())


def digits(root: Path) -> dict[str, dict[bytes, int]]:
    """Of each split, the label of each digit by its pixels."""
    found: dict[str, dict[bytes, int]] = {"train": {}, "test": {}}
    for item in Mnist(root, Prepare()):
        found[item.split][item.payload.tobytes()] = item.label
    return found


def planes(item: Item) -> list[bytes]:
    return [plane.tobytes() for plane in np.moveaxis(item.payload, 2, 0)]


def test_there_are_as_many_stacks_as_in_the_published_protocol(root):
    assert StackedMnist.counts == {"train": 128_000, "test": 26_000}
    source = StackedMnist(root, Prepare())
    assert len(source) == 154_000
    (last,) = source.some([153_999])
    assert (last.position, last.split, last.source) == (153_999, "test", "test/025999")


def test_each_plane_is_a_digit_of_the_same_split_and_the_attributes_are_their_labels(source, root):
    labels, found = digits(root), raw_sets.items(source)
    assert [item.split for item in found] == ["train"] * 300 + ["test"] * 90
    assert [item.position for item in found] == list(range(390))
    assert labels["train"].keys().isdisjoint(labels["test"])
    for item in found:
        assert (item.payload.shape, item.payload.dtype) == ((28, 28, 3), np.uint8)
        assert item.extra == tuple(labels[item.split][plane] for plane in planes(item))
        assert (item.label, item.caption) == (-1, "")
    assert {item.extra[0] for item in found} == set(range(10))


def test_colours_are_drawn_independently_of_each_other():
    red, green, blue = chosen_digits(20_000, 10, "train").T
    for one, other in ((red, green), (red, blue), (green, blue)):
        shares = np.bincount(10 * one + other, minlength=100) / 20_000
        assert abs(shares - 0.01).max() < 0.004


def test_a_stack_is_a_function_of_its_split_and_place_alone(source, monkeypatch):
    found, again = raw_sets.items(source), raw_sets.items(source)
    assert [planes(item) for item in found] == [planes(item) for item in again]
    wanted = [389, 7, 300, 299]
    some = list(source.some(wanted))
    assert [item.position for item in some] == sorted(wanted)
    assert [planes(item) for item in some] == [planes(found[position]) for position in sorted(wanted)]
    monkeypatch.setattr(StackedMnist, "counts", {"train": 20, "test": 20})
    fewer = raw_sets.items(source)
    assert [planes(item) for item in fewer] == [planes(item) for item in found[:20] + found[300:320]]
    assert (chosen_digits(20, 60, "train") != chosen_digits(20, 60, "test")).any()


def test_the_numbers_are_the_same_on_every_machine():
    assert chosen_digits(2, 60_000, "train").tolist() == [[41201, 43971, 19424], [653, 28121, 815]]
    assert chosen_digits(2, 10_000, "test").tolist() == [[6234, 6112, 5643], [5600, 8921, 2531]]


def test_digits_of_a_split_that_nobody_asks_for_are_not_read(source, monkeypatch):
    read = []
    chunks = Mnist.chunks
    monkeypatch.setattr(Mnist, "chunks", lambda self, split: read.append(split) or chunks(self, split))
    assert len(list(source.some([301, 302]))) == 2
    assert read == ["test"]


def test_a_split_without_digits_is_refused(source, root):
    for kind, shape in (("images-idx3", (0, 28, 28)), ("labels-idx1", (0,))):
        path = root / f"MNIST/raw/t10k-{kind}-ubyte.gz"
        path.write_bytes(gzip.compress(raw_sets.idx(np.zeros(shape))))
    with pytest.raises(BenchError, match="no test digits to be stacked"):
        list(source)


def test_the_store_knows_the_attributes_without_classes_and_words(root, source, tmp_path):
    store = raw_sets.prepared("stacked_mnist", root, tmp_path / "out", raw_sets.images("stacked_mnist", 32, 3))
    meta = store.meta
    assert (meta.train + meta.duplicates_dropped, meta.test) == (300, 90)
    assert (meta.classes, meta.words, meta.held_out) == ([], [], 0)
    assert set(meta.attributes) == set(COLOURS)
    assert set(map(tuple, meta.attributes.values())) == {tuple("0123456789")}
    assert store.captions("train") == []
    assert set(store.labels("train")) == {-1}
    extras = {item.source: item.extra for item in source}
    for row, name in enumerate(store.table("test")["source"]):
        assert tuple(store.attribute("test", colour)[row] for colour in COLOURS) == extras[name]


def declared(channels: int = 3, condition: str = "none") -> Params:
    variant = {"network": "mlp", "objective": "minimax", "condition": condition}
    images = raw_sets.images("stacked_mnist", 32, channels)
    return Params(images=images.model_copy(update={"variants": {"gan": Variant.model_validate(variant)}}))


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_grey_is_refused_by_check_and_by_prepare(project, root):
    said = r"^params\.yaml: images\.channels: 1: the digits of stacked_mnist are told apart by .*; allowed: 3$"
    with pytest.raises(BenchError, match=said):
        raw_sets.prepared("stacked_mnist", root, project / "out", raw_sets.images("stacked_mnist", 32, 1))
    assert not (project / "out").exists()
    Path("data/raw").mkdir(parents=True)
    root.rename("data/raw/stacked_mnist")
    with pytest.raises(BenchError, match=said):
        check.find_source(declared(channels=1))
    assert check.find_source(declared())[0] == {"dataset": "stacked_mnist", "reader": "stacked_mnist"}


def test_grey_is_refused_for_a_translation_too(project, root):
    Path("data/raw").mkdir(parents=True)
    root.rename("data/raw/stacked_mnist")
    section = Translation.model_validate({"dataset": "stacked_mnist", "task": "edges", "variants": {"pix2pix": UNET}})
    assert open_raw(section).columns == COLOURS  # in colour it is taken
    with pytest.raises(
        BenchError, match=r"^params\.yaml: translation\.channels: 1: the digits of stacked_mnist are told"
    ):
        open_raw(section.model_copy(update={"channels": 1}))


@pytest.mark.parametrize(("condition", "tells"), [("label", "labels"), ("text", "captions")])
def test_it_tells_neither_labels_nor_captions(source, condition, tells):
    check_conditions(declared(), source)
    with pytest.raises(BenchError, match=rf"condition: {condition}: the data have no {tells}; allowed: none, or a"):
        check_conditions(declared(condition=condition), source)


def test_missing_files_can_be_downloaded_under_its_own_name(project):
    with pytest.raises(BenchError, match=r"`ganbench data add stacked_mnist` downloads them, or put the four files"):
        check.find_source(declared())
    assert StackedMnist.torchvision == "MNIST"
