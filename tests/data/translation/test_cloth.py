"""Cloth: the first image of a pair leaves open where the stripes of the second lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.data.sources import shapes
from ganbench.data.sources.shapes import COLOURS, SHAPES, Drawing, Shapes
from ganbench.data.translation.cloth import CLOTHS, DYES, PERIOD, PLACES, STRIPE, WEAVES, OnCloth, cloth, place
from ganbench.params import Prepare


@pytest.fixture
def root(project):
    return raw_sets.shapes(Path("data/raw/shapes"), 300, 120)


def test_the_first_image_says_the_cloth_and_not_where_its_stripes_lie(root):
    woven = OnCloth(root, Prepare())
    places: dict[int, set[bytes]] = {colour: set() for colour in range(len(COLOURS))}
    for plain, item in zip(raw_sets.items(Shapes(root, Prepare())), raw_sets.items(woven), strict=True):
        assert (item.position, item.source, item.split) == (plain.position, plain.source, plain.split)
        shape, colour = CLOTHS[item.label]
        assert shape == plain.label
        assert colour == plain.extra[0] or plain.extra[4]  # or a combination held out of training
        assert woven.classes[item.label] == f"{SHAPES[shape]} {WEAVES[colour]}"
        flat, striped = item.payload.a, item.payload.b
        ground = (flat == list(COLOURS.values())[colour]).all(axis=2)
        assert ground.mean() > 0.5
        assert (striped[(flat == 255).all(axis=2)] >= 254).all()  # an edge is rounded from another ground
        stripe = np.abs(striped[ground].astype(int) - STRIPE).max(axis=1) <= 1
        assert 0 < stripe.mean() < 0.5
        assert (np.abs(striped[ground][~stripe].astype(int) - DYES[shape]) <= 1).all()
        dark = np.abs(striped.astype(int) - STRIPE).max(axis=2) <= 1
        places[colour].add(dark[:PERIOD, :2].tobytes() + dark[:2, :PERIOD].tobytes())  # no shape reaches there
    dots = WEAVES.index("dotted")  # most lie farther inside
    assert all(len(found) == PLACES or colour == dots for colour, found in places.items())


def test_train_and_test_have_the_same_cloths(root):
    labels = {split: {item.label for item in OnCloth(root, Prepare()) if item.split == split}
              for split in ("train", "test")}  # fmt: skip
    assert labels["test"] <= labels["train"] == set(range(20))


def test_the_median_of_a_cloth_over_the_places_of_its_stripes_has_none():
    still = {name: np.zeros(24, np.int64) for name in Drawing._fields}
    six = cloth(Drawing(**still | {"colour": np.arange(24) % 6, "background": np.arange(24) // 6}))
    each = six.reshape(4, 6, 64, 64, 3)  # place, weave
    assert (np.median(each, axis=0) == DYES[0]).all()
    assert all(len({one.tobytes() for one in each[:, weave]}) == PLACES for weave in range(6))
    assert ((each[..., 0] == STRIPE).mean(axis=0) < 0.5).all()
    assert all((each[0, one] != each[0, other]).any() for one in range(6) for other in range(one))
    np.testing.assert_array_equal(each[:, 0], each[:, 0, :, :1].repeat(64, axis=2))
    np.testing.assert_array_equal(each[:, 1], each[:, 1, :1].repeat(64, axis=1))
    np.testing.assert_array_equal(each[:, 2], np.roll(each[:, 2], (1, 1), axis=(1, 2)))
    np.testing.assert_array_equal(each[:, 3], np.roll(each[:, 3], (1, -1), axis=(1, 2)))


def test_stripes_lie_equally_often_in_each_place():
    places = place(shapes.numbers(4000, 0, "train"))
    assert (np.abs(np.bincount(places, minlength=PLACES) / 4000 - 1 / PLACES) < 0.03).all()
