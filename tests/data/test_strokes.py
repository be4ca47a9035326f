"""Thickness and lean of handwriting, measured on the image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from ganbench.data.sources.digits import Digits
from ganbench.data.strokes import ATTRIBUTES, caption, slant, width
from ganbench.params import Prepare

PROJECT = Path(__file__).parents[2]


def bar(thick: int, length: int = 60, side: int = 80) -> np.ndarray:
    """An upright stroke, uint8 (1, side, side)."""
    image = np.zeros((1, side, side), np.uint8)
    image[0, 10 : 10 + length, 30 : 30 + thick] = 200
    return image


def sheared(images: np.ndarray, columns_per_row: int) -> np.ndarray:
    """Each row moved to the right by so many columns more than the row below it."""
    height, wide = images.shape[1], images.shape[2]
    out = np.zeros((len(images), height, wide + abs(columns_per_row) * height), np.uint8)
    for row in range(height):
        start = columns_per_row * (height - 1 - row) - min(0, columns_per_row) * (height - 1)
        out[:, row, start : start + wide] = images[:, row]
    return out


@pytest.mark.parametrize("thick", [3, 5, 8])
def test_the_width_of_a_bar_is_twice_area_over_perimeter(thick):
    expected = 2 * thick * 60 / (2 * (thick + 60))
    assert width(bar(thick))[0] == pytest.approx(expected, rel=0.03)


def test_the_width_does_not_depend_on_brightness_or_softness():
    strong, weak = bar(5), bar(5) // 2
    assert width(strong)[0] == pytest.approx(width(weak)[0])
    soft = np.asarray(Image.fromarray(bar(8)[0]).filter(ImageFilter.GaussianBlur(1)))[None]
    assert width(soft)[0] == pytest.approx(width(bar(8))[0], rel=0.1)


@pytest.mark.parametrize("shear", [-2, 1, 3])
def test_shearing_adds_its_slope_to_the_slant(shear):
    images = np.random.default_rng(0).integers(0, 256, (5, 12, 9), dtype=np.uint8)
    np.testing.assert_allclose(slant(sheared(images, shear)), slant(images) + shear, atol=1e-9)


def test_an_empty_image_and_a_single_row_have_no_slant():
    images = np.zeros((2, 8, 8), np.uint8)
    images[1, 3] = 255
    np.testing.assert_array_equal(slant(images), [0, 0])
    assert np.isfinite(width(images)).all()


@pytest.fixture(scope="module")
def digits():
    source = Digits(PROJECT / "data/raw/digits", Prepare())
    items = list(source)
    return source.hand, np.stack([item.payload for item in items]), np.array([item.label for item in items]), items


def test_each_third_holds_about_a_third_of_each_digit(digits):
    hand, images, labels, _ = digits
    values = hand.attributes(images, labels)
    np.testing.assert_array_equal(values[:, 0], labels)
    for column in (1, 2):
        shares = np.bincount(values[:, column], minlength=3) / len(values)
        assert (shares > 0.28).all(), shares
        for digit in range(10):
            assert (np.bincount(values[labels == digit, column], minlength=3) > 5).all()


def large(images: np.ndarray, filter: ImageFilter.Filter | None = None) -> np.ndarray:
    """At 32×32 pixels in a wide margin, filtered."""
    pictures = [Image.fromarray(image).resize((32, 32), Image.Resampling.BICUBIC) for image in images]
    return np.stack([np.pad(np.asarray(picture.filter(filter) if filter else picture), 8) for picture in pictures])


def test_dilating_a_digit_makes_it_thicker_and_eroding_thinner(digits):
    _, images, _, _ = digits
    before = width(large(images[:200]))
    assert (width(large(images[:200], ImageFilter.MaxFilter(3))) > before).all()
    assert (width(large(images[:200], ImageFilter.MinFilter(3))) < before).all()


def test_dilating_and_shearing_move_the_words_of_the_caption(digits):
    hand, images, labels, _ = digits
    middle = np.flatnonzero((hand.attributes(images, labels) == [7, 1, 1]).all(axis=1))
    seven = images[middle[:1]]
    assert caption(hand.attributes(seven, [7])[0]) == "a medium seven, upright"
    assert caption(hand.attributes(sheared(seven, 1), [7])[0]).endswith("seven, leaning right")
    assert caption(hand.attributes(sheared(seven, -1), [7])[0]).endswith("seven, leaning left")
    wide = np.maximum(seven, np.roll(seven, 1, axis=2))
    assert caption(hand.attributes(wide, [7])[0]).startswith("a thick seven")


def test_the_caption_says_the_attributes(digits):
    *_, items = digits
    assert caption((7, 2, 0)) == "a thick seven, leaning left"
    for item in items[:20]:
        assert item.extra[0] == item.label
        assert item.caption == caption(item.extra)
        assert f" {ATTRIBUTES['digit'][item.label]}," in item.caption
