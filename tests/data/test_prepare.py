"""From raw sets to packed stores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import raw_sets
from PIL import Image
from raw_sets import PARALLEL, SERIAL, prepared

from ganbench.data.prepare import prepare
from ganbench.data.source import Item, Source
from ganbench.data.store import Meta
from ganbench.errors import BenchError


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


FILES = {"meta.json", "preview.png", "test.npy", "test.parquet", "train.npy", "train.parquet"}


def test_a_store_holds_what_pillow_makes_of_each_file(tmp_path):
    root = raw_sets.class_folders(tmp_path / "photos")
    store = prepared("folder", root, tmp_path / "out")
    assert set(content(tmp_path / "out")) == FILES
    for split in ("train", "test"):
        images, table = store.images(split), store.table(split)
        assert images.dtype == np.uint8
        assert images.flags.c_contiguous
        assert not images.flags.writeable
        for image, row in zip(images, table.itertuples(), strict=True):
            picture = Image.open(root / row.source)
            side = min(picture.size)
            left, top = (picture.width - side) // 2, (picture.height - side) // 2
            square = picture.crop((left, top, left + side, top + side)).resize((16, 16), Image.Resampling.LANCZOS)
            np.testing.assert_array_equal(image, np.asarray(square))
            assert row.sha256 == hashlib.sha256(image.tobytes()).hexdigest()
            assert store.meta.classes[row.label] == row.source.split("/")[0]
    assert store.meta.train == 12
    assert store.meta.test == 4


def test_the_description_states_counts_statistics_and_hashes(tmp_path):
    root = raw_sets.class_folders(tmp_path / "photos")
    store = prepared("folder", root, tmp_path / "out")
    train = store.images("train")
    assert store.meta == Meta(
        dataset="photos",
        resolution=16,
        channels=3,
        filter="lanczos",
        classes=["cat 1", "cat 2", "cat 10", "été"],
        train=12,
        test=4,
        unreadable=0,
        duplicates_dropped=0,
        mean=pytest.approx(train.mean(axis=(0, 1, 2), dtype=np.float64)),
        std=pytest.approx(train.std(axis=(0, 1, 2), dtype=np.float64)),
        sha256={split: hashlib.sha256(store.images(split).tobytes()).hexdigest() for split in ("train", "test")},
    )


@pytest.mark.parametrize("suffix", ["zip", "tar.xz"])
def test_an_archive_gives_the_bytes_that_its_folder_gives(tmp_path, suffix):
    root = raw_sets.class_folders(tmp_path / "photos")
    raw_sets.pack(root, tmp_path / "packed" / "photos" / f"set.{suffix}")
    prepared("folder", root, tmp_path / "one")
    prepared("archive", tmp_path / "packed" / "photos", tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path):
    root = raw_sets.flat(tmp_path / "photos", 40)
    (root / "7.png").write_bytes(b"broken")
    images = raw_sets.images("photos", max_unreadable=0.1)
    prepared("folder", root, tmp_path / "one", images, **SERIAL)
    prepared("folder", root, tmp_path / "two", images, **PARALLEL)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_preparing_again_replaces_the_store_and_leaves_nothing_else(tmp_path):
    root = raw_sets.flat(tmp_path / "photos")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "stale").touch()
    (tmp_path / ".out.writing").mkdir()
    prepared("folder", root, tmp_path / "out")
    assert set(content(tmp_path / "out")) == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "out"}


def test_the_seed_decides_the_split_and_the_share_its_size(tmp_path):
    root = raw_sets.flat(tmp_path / "photos", 20)
    stores = [
        prepared("folder", root, tmp_path / f"{seed}", raw_sets.images(split_seed=seed, test_share=0.4))
        for seed in (0, 1)
    ]
    sets = [set(store.table("test")["source"]) for store in stores]
    assert [len(found) for found in sets] == [8, 8]
    assert sets[0] != sets[1]
    for store in stores:
        assert set(store.table("train")["source"]) | set(store.table("test")["source"]) == {
            f"{i}.png" for i in range(20)
        }


def test_rows_stand_in_a_random_order(tmp_path):
    root = raw_sets.class_folders(tmp_path / "photos", per_class=10)
    labels = prepared("folder", root, tmp_path / "out").labels("train")
    assert labels.dtype == np.int64
    assert (np.diff(labels) < 0).any()
    assert len(set(labels[:10].tolist())) > 1


def test_an_official_split_is_kept(tmp_path):
    raw_sets.class_folders(tmp_path / "photos" / "train")
    raw_sets.class_folders(tmp_path / "photos" / "test", per_class=1, classes=("other", "cat 2"))
    store = prepared("folder", tmp_path / "photos", tmp_path / "out", raw_sets.images(test_share=0.01))
    assert store.meta.test == 2
    assert store.meta.classes == ["cat 1", "cat 2", "cat 10", "other", "été"]
    assert all(source.startswith("test/") for source in store.table("test")["source"])


def test_mnist_is_prepared_with_its_labels_and_split(tmp_path):
    pictures, labels = raw_sets.mnist(tmp_path / "mnist")
    store = prepared("mnist", tmp_path / "mnist", tmp_path / "out", raw_sets.images("mnist", 32, 1))
    assert (store.meta.train, store.meta.test) == (30, 10)
    table = store.table("train")
    order = table["source"].str.removeprefix("train/").astype(int).to_numpy()
    np.testing.assert_array_equal(store.labels("train"), labels[order])
    expected = Image.fromarray(pictures[order[0]]).resize((32, 32), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(store.images("train")[0, ..., 0], np.asarray(expected))


def test_the_attributes_of_celeba_are_columns(tmp_path):
    values = raw_sets.celeba(tmp_path / "celeba")
    table = prepared("celeba", tmp_path / "celeba", tmp_path / "out").table("test")
    assert list(table.columns) == ["label", "source", "sha256", *raw_sets.ATTRIBUTES]
    order = table["source"].str.extract(r"(\d+).jpg")[0].astype(int).to_numpy() - 1
    np.testing.assert_array_equal(table[raw_sets.ATTRIBUTES].to_numpy(), values[order])


@pytest.mark.parametrize("reader", ["cifar10", "lsun"])
def test_the_other_sources_are_prepared(tmp_path, reader):
    getattr(raw_sets, reader)(tmp_path / reader)
    store = prepared(reader, tmp_path / reader, tmp_path / "out", raw_sets.images(reader))
    assert store.meta.train + store.meta.test == {"cifar10": 24, "lsun": 12}[reader]
    assert (store.labels("test") == -1).all() == (reader == "lsun")


def test_two_images_are_enough(tmp_path):
    store = prepared("folder", raw_sets.flat(tmp_path / "photos", 2), tmp_path / "out", raw_sets.images(test_share=0.5))
    assert (store.meta.train, store.meta.test) == (1, 1)


def test_one_image_a_class_is_enough(tmp_path):
    store = prepared("folder", raw_sets.class_folders(tmp_path / "photos", per_class=1), tmp_path / "out")
    assert (store.meta.train, store.meta.test, len(store.meta.classes)) == (3, 1, 4)


@pytest.mark.parametrize(("labelled", "rows"), [(True, 4), (False, 2)])
def test_the_preview_shows_a_class_a_row_or_the_first_images(tmp_path, labelled, rows):
    root = tmp_path / "photos"
    raw_sets.class_folders(root) if labelled else raw_sets.flat(root, 24)
    store = prepared("folder", root, tmp_path / "out")
    sheet = np.asarray(Image.open(tmp_path / "out" / "preview.png"))[::4, ::4]
    assert sheet.shape == (rows * 18 + 2, 10 * 18 + 2, 3)
    first = store.images("train")[np.flatnonzero(store.labels("train") == 0)[0] if labelled else 0]
    np.testing.assert_array_equal(sheet[2:18, 2:18], first)


@pytest.mark.parametrize("label", [-2, 2])
def test_a_label_outside_the_table_is_refused_and_nothing_is_left(tmp_path, label):
    class Wrong(Source):
        classes = ("a", "b")

        def __len__(self) -> int:
            return 3

        def __iter__(self) -> Iterator[Item]:
            for index, one in enumerate((0, label, 1)):
                yield Item(index, f"{index}.png", raw_sets.pixels(index), one)

    images = raw_sets.images("wrong")
    with pytest.raises(BenchError, match=rf"wrong/1.png: label {label}; allowed: -1 \(none\) … 1$"):
        prepare(Wrong(Path("wrong"), images.prepare), images, tmp_path / "out", workers=1)
    assert not list(tmp_path.iterdir())
