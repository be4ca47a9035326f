"""The full MNIST and CIFAR-10 (as JPEG files), where they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.evaluation.attributes import values_of
from ganbench.evaluation.metrics.combinations import compare

pytestmark = [
    pytest.mark.datasets,
    pytest.mark.skipif(
        not os.environ.get("GANBENCH_DATASETS"),
        reason="GANBENCH_DATASETS is not set: a folder with mnist/MNIST/raw/*.gz and cifar10-jpeg.tar.xz",
    ),
]


def full(name: str) -> Path:
    return Path(os.environ["GANBENCH_DATASETS"]) / name


def test_mnist_gives_all_its_images_and_labels(tmp_path):
    images = raw_sets.images("mnist", 32, 1)
    store = raw_sets.prepared("mnist", full("mnist"), tmp_path / "out", images, workers=None)
    meta = store.meta
    assert (meta.train, meta.test, meta.unreadable, meta.duplicates_dropped) == (60_000, 10_000, 0, 0)
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(store.labels("train")).tolist() == train
    assert np.bincount(store.labels("test")).tolist() == test
    for name in ("thickness", "lean"):
        shares = np.bincount(store.attribute("train", name)) / 60_000
        assert ((shares > 0.28) & (shares < 0.39)).all(), shares
    np.testing.assert_array_equal(store.attribute("train", "digit"), store.labels("train"))
    assert len(store.meta.words) == 18


def test_stacked_mnist_has_all_combinations_and_as_many_stacks_as_published(tmp_path):
    images = raw_sets.images("stacked_mnist", 32, 3)
    store = raw_sets.prepared("stacked_mnist", full("mnist"), tmp_path / "out", images, workers=None)
    meta = store.meta
    assert (meta.train, meta.test, meta.unreadable, meta.duplicates_dropped) == (128_000, 26_000, 0, 0)
    for split in ("train", "test"):
        red, green, blue = (store.attribute(split, name).astype(int) for name in ("red", "green", "blue"))
        assert np.bincount(100 * red + 10 * green + blue, minlength=1000).min() > 0
    found = compare(values_of(store, "test"), values_of(store, "train"))
    assert found is not None
    assert found.covered == 1000
    assert found.kl == pytest.approx(0.025, abs=0.003)


def test_cifar10_as_an_archive_of_jpeg_files_gives_all_its_images_and_labels(tmp_path):
    (tmp_path / "raw").mkdir()
    shutil.copy(full("cifar10-jpeg.tar.xz"), tmp_path / "raw")
    images = raw_sets.images("cifar10_jpeg", 32, 3)
    store = raw_sets.prepared("archive", tmp_path / "raw", tmp_path / "out", images, workers=None)
    meta = store.meta
    assert meta.train + meta.duplicates_dropped == 50_000
    assert (meta.test, meta.unreadable, len(meta.classes)) == (10_000, 0, 10)
    assert np.bincount(store.labels("test")).tolist() == [1000] * 10
    assert (5000 - np.bincount(store.labels("train"))).sum() == meta.duplicates_dropped
    assert set(store.table("train")["sha256"]).isdisjoint(store.table("test")["sha256"])
