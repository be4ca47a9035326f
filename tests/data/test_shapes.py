"""The drawn shapes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.data.captions import split_words
from ganbench.data.sources import shapes
from ganbench.data.sources.shapes import COLOURS, POSITIONS, SHAPES, SIZES, Drawing, Shapes, draw
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.params import Prepare

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return Shapes(raw_sets.shapes(tmp_path_factory.mktemp("raw") / "shapes", 300, 120), Prepare())


@pytest.fixture(scope="module")
def items(source):
    return raw_sets.items(source)


def test_the_embedded_card_fits_what_is_drawn():
    whole = Shapes(PROJECT / "data/raw/shapes", Prepare())
    assert len(whole) == 7200
    first = next(iter(whole))
    assert (first.position, first.source, first.split) == (0, "train/00000", "train")


def test_the_pixels_are_the_same_on_every_machine():
    pixels = draw(shapes.numbers(16, 0, "train"))
    assert (
        hashlib.sha256(pixels.tobytes()).hexdigest()
        == "29d4d53132b40e2e2429806e83f59f7320b6db8291efd9cceb3384f05738e4d9"
    )


def test_colour_place_and_size_are_what_the_attributes_say(items):
    ground = shapes.BACKGROUND
    for item in items:
        colour, shape, _, position, held_out = item.extra
        pixels = item.payload.astype(float)
        assert item.payload.shape == (64, 64, 3)
        assert item.label == shape
        shown = np.abs(pixels - pixels[0, 0]).max(axis=2) > 60
        y, x = np.argwhere(shown).mean(axis=0) / 64
        expected = list(POSITIONS.values())[position]
        assert max(abs(x - expected[0]), abs(y - expected[1])) < 0.08
        centre = pixels[shown].reshape(-1, 3)
        nearest = [np.abs(centre / 0.92 - value).sum(axis=1).mean() for value in COLOURS.values()]
        assert int(np.argmin(nearest)) == colour
        assert abs(pixels[0, 0, 0] - ground) <= 10
        assert held_out == (item.split == "test" and shapes.is_held_out(colour, shape))


def test_large_shapes_cover_twice_what_small_ones_do(items):
    def area(size: int, shape: int) -> np.ndarray:
        chosen = [item.payload for item in items if item.extra[1:3] == (shape, size)]
        return np.array([(np.abs(image.astype(int) - image[0, 0]).max(axis=2) > 30).mean() for image in chosen])

    for shape in range(len(SHAPES)):
        assert area(1, shape).min() > 1.8 * area(0, shape).max()


def test_some_images_are_the_same_as_among_all(source, items):
    some = list(source.some({3, 299, 300, 310}))
    assert [item.position for item in some] == [3, 299, 300, 310]
    for item in some:
        whole = items[item.position]
        assert (item.source, item.extra, item.caption) == (whole.source, whole.extra, whole.caption)
        np.testing.assert_array_equal(item.payload, whole.payload)


def test_combinations_are_held_out_and_every_word_is_known(items):
    train = {item.extra[:2] for item in items if item.split == "train"}
    test = {item.extra[:2] for item in items if item.split == "test"}
    names = list(COLOURS)
    held_out = {(names.index(colour), SHAPES.index(shape)) for colour, shape in shapes.HELD_OUT}
    assert train.isdisjoint(held_out)
    assert len(train) == len(COLOURS) * len(SHAPES) - len(held_out)
    assert test & held_out
    assert test - held_out
    known = {word for item in items if item.split == "train" for word in split_words(item.caption)}
    assert all(known.issuperset(split_words(item.caption)) for item in items)


def test_the_caption_says_the_attributes(items):
    item = items[0]
    colour, shape, size, position, _ = item.extra
    expected = f"a {list(SIZES)[size]} {list(COLOURS)[colour]} {SHAPES[shape]}, {list(POSITIONS)[position]}"
    assert item.caption == expected


def test_shapes_cannot_be_mistaken_for_each_other():
    still = {name: np.zeros(4, np.int64) for name in Drawing._fields}
    four = draw(Drawing(**still | {"shape": np.arange(4), "size": np.ones(4, np.int64)}))
    for one in range(4):
        for other in range(one):
            assert (four[one] != four[other]).any(axis=2).mean() > 0.01


def test_determined_shapes_have_the_colour_of_their_class_and_the_same_outline(source, items):
    determined = raw_sets.items(source.determined())
    for plain, item in zip(items, determined, strict=True):
        assert item.extra[1:4] == plain.extra[1:4]
        assert item.extra[4] == 0
        assert list(COLOURS)[item.extra[0]] == shapes.FILL[item.label]
        assert tuple(item.payload[0, 0]) == (shapes.BACKGROUND,) * 3
    fills = {item.label: {tuple(map(int, item.payload.reshape(-1, 3).min(axis=0)))} for item in determined}
    for item in determined:
        fills[item.label].add(tuple(map(int, item.payload.reshape(-1, 3).min(axis=0))))
    assert all(len(found) == 1 for found in fills.values())
    assert len(set.union(*fills.values())) == 4


def test_a_store_keeps_captions_attributes_and_what_is_held_out(source, items, tmp_path):
    store = raw_sets.prepared("shapes", source.root, tmp_path / "out", raw_sets.images("shapes", 16, 3))
    meta = Store.open(store.root).meta
    assert (meta.train, meta.test, meta.classes) == (300, 120, list(SHAPES))
    assert set(meta.attributes) == {"colour", "shape", "size", "position"}
    assert meta.attributes["position"] == list(POSITIONS)
    assert meta.words == sorted(set(meta.words))
    assert {"a", "small", "red", "circle", "top", "left"} <= set(meta.words)
    by_name = {item.source: item for item in items}
    table = store.table("test")
    for row, (name, caption) in enumerate(zip(table["source"], store.captions("test"), strict=True)):
        assert caption == by_name[name].caption
        assert store.attribute("test", "colour")[row] == by_name[name].extra[0]
        assert store.attribute("test", "held_out")[row] == by_name[name].extra[4]
    assert meta.held_out == store.attribute("test", "held_out").sum() > 0
    assert not store.attribute("train", "held_out").any()
    with pytest.raises(BenchError, match=r"unknown attribute 'hue'.*; allowed: colour, position, shape, size"):
        store.attribute("train", "hue")


def test_grey_images_are_not_told_of_by_colour(source, tmp_path):
    store = raw_sets.prepared("shapes", source.root, tmp_path / "out", raw_sets.images("shapes", 16, 1))
    assert set(store.meta.attributes) == {"shape", "size", "position"}
    assert set(store.meta.words).isdisjoint(COLOURS)
    assert store.meta.held_out == 0
    assert not store.attribute("test", "held_out").any()
    assert "colour" not in store.table("test")


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (None, "source.json: no such file; it belongs to the project"),
        ({"train": 1}, "expected a JSON object with train, test, seed and sha256"),
        ({"train": 4, "test": 4, "seed": 0, "sha256": "0"}, "sha256: 0: the numbers drawn here have"),
    ],
)
def test_another_card_is_refused(tmp_path, card, said):
    if card is not None:
        (tmp_path / "source.json").write_text(json.dumps(card))
    with pytest.raises(BenchError, match=said):
        list(Shapes(tmp_path, Prepare()))
