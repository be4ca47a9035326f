"""What folders mean."""

from __future__ import annotations

import pytest

from ganbench.data.files import is_image, natural
from ganbench.data.layout import Layout
from ganbench.errors import BenchError


def placed(*names: str) -> tuple[list[str], list[tuple[int, str | None]]]:
    layout = Layout.of(names, "x")
    return layout.classes, [layout.place(name) for name in names]


def test_sub_folders_are_classes_in_natural_order():
    assert placed("10/a.png", "9/a.png", "9/sub/b.png") == (["9", "10"], [(1, None), (0, None), (0, None)])


def test_a_flat_set_is_unlabelled():
    assert placed("a.png", "b.png") == ([], [(-1, None), (-1, None)])


def test_one_class_is_no_label():
    assert placed("cats/a.png", "cats/b.png") == ([], [(-1, None), (-1, None)])


def test_single_folders_on_top_are_ignored():
    assert placed("set/all/a/1.png", "set/all/b/1.png")[0] == ["a", "b"]


def test_train_and_test_on_top_are_an_official_split():
    classes, places = placed("p/Train/a/1.png", "p/Train/b/1.png", "p/Test/b/2.png")
    assert classes == ["a", "b"]
    assert places == [(0, "train"), (1, "train"), (1, "test")]


def test_val_is_held_out_where_there_is_no_test_and_trains_where_there_is():
    assert [split for _, split in placed("train/1.png", "val/2.png")[1]] == ["train", "test"]
    assert [split for _, split in placed("train/1.png", "val/2.png", "test/3.png")[1]] == ["train", "train", "test"]


def test_train_is_a_class_beside_other_classes():
    assert placed("train/1.png", "plane/1.png") == (["plane", "train"], [(1, None), (0, None)])
    assert placed("train/1.png", "plane/1.png", "test/1.png")[0] == ["plane", "test", "train"]


@pytest.mark.parametrize(
    "names", [("a.png", "b/c.png"), ("train/a.png", "train/b/c.png", "test/d.png"), ("train/a.png", "test/b/c.png")]
)
def test_images_beside_class_folders_are_refused(names):
    with pytest.raises(BenchError, match=r"^data/raw/x: \d of \d images lie beside the class folders \(such as 'b'\)"):
        Layout.of(names, "data/raw/x")


def test_numbers_in_names_are_ordered_by_value():
    assert sorted(["10", "9", "a10b2", "a10b11", "a9"], key=natural) == ["9", "10", "a9", "a10b2", "a10b11"]


@pytest.mark.parametrize(
    "name", ["a.png", "A.JPG", "x y/é.JpEg", "a.webp", "a.bmp", "a.gif", "a.tif", "a.tiff", "a.ppm", "a.pgm"]
)
def test_images_are_known_by_their_extension(name):
    assert is_image(name)


@pytest.mark.parametrize("name", ["a.txt", "png", "__MACOSX/a.png", "x/._a.png", ".cache/a.png", "../a.png"])
def test_other_files_and_junk_are_no_images(name):
    assert not is_image(name)
