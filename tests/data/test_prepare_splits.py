"""What is left out, and what stops prepare."""

from __future__ import annotations

import errno

import pytest
import raw_sets
from raw_sets import PARALLEL, SERIAL, prepared

from ganbench.errors import BenchError


def test_train_and_test_never_share_an_image(tmp_path):
    root = raw_sets.flat(tmp_path / "photos", 20)
    for index in range(20):  # every image thrice
        for copy in "ab":
            (root / f"{index}{copy}.png").write_bytes((root / f"{index}.png").read_bytes())
    store = prepared("folder", root, tmp_path / "out")
    train, test = set(store.table("train")["sha256"]), set(store.table("test")["sha256"])
    assert train.isdisjoint(test)
    assert store.meta.test == 15
    assert store.meta.duplicates_dropped > 0
    assert store.meta.train + store.meta.test + store.meta.duplicates_dropped == 60


def test_duplicates_across_an_official_split_leave_train(tmp_path):
    raw_sets.flat(tmp_path / "photos" / "train", 10)
    raw_sets.flat(tmp_path / "photos" / "test", 4)
    store = prepared("folder", tmp_path / "photos", tmp_path / "out")
    assert (store.meta.train, store.meta.test, store.meta.duplicates_dropped) == (6, 4, 4)


@pytest.mark.parametrize("how", [SERIAL, PARALLEL])
def test_unreadable_images_are_reported_skipped_and_counted(tmp_path, capsys, how):
    root = raw_sets.flat(tmp_path / "photos", 30)
    whole = (root / "3.png").read_bytes()
    (root / "3.png").write_bytes(whole[:300])
    (root / "5.png").write_bytes(b"")
    store = prepared("folder", root, tmp_path / "out", raw_sets.images(max_unreadable=0.1), **how)
    assert store.meta.unreadable == 2
    assert store.meta.train + store.meta.test == 28
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("unreadable: ")]
    assert [line.split(": ")[1] for line in said] == [f"{root}/3.png", f"{root}/5.png"]


@pytest.mark.parametrize(
    ("broken", "limit", "stops"), [(3, 0.1, False), (4, 0.1, True), (1, 0.0, True), (29, 1.0, False)]
)
def test_prepare_stops_beyond_the_limit_and_only_beyond_it(tmp_path, broken, limit, stops):
    root = raw_sets.flat(tmp_path / "photos", 32 if limit == 1.0 else 30)
    for index in range(broken):
        (root / f"{index}.png").write_bytes(b"broken")
    images = raw_sets.images(max_unreadable=limit)
    if stops:
        said = rf"photos: {broken} of 30 images are unreadable, more than images.prepare.max_unreadable: {limit} allows"
        with pytest.raises(BenchError, match=said):
            prepared("folder", root, tmp_path / "out", images)
        assert [path.name for path in tmp_path.iterdir()] == ["photos"]
    else:
        assert prepared("folder", root, tmp_path / "out", images).meta.unreadable == broken


def test_prepare_does_not_read_on_after_many_unreadable_images(tmp_path, capsys):
    root = tmp_path / "photos"
    root.mkdir()
    for index in range(600):
        (root / f"{index}.jpg").touch()
    with pytest.raises(BenchError, match=r"\d+ of 600 images are unreadable"):
        prepared("folder", root, tmp_path / "out")
    assert 100 <= capsys.readouterr().err.count("unreadable: ") < 600


@pytest.mark.parametrize(
    ("count", "share", "said"),
    [
        (1, 0.5, "1 readable images; at least 2 are needed"),
        (2, 0.2, "images.prepare.test_share: 0.2 in params.yaml leaves none of the 2 images for test"),
        (3, 0.9, "images.prepare.test_share: 0.9 in params.yaml leaves none of the 3 images for train"),
    ],
)
def test_a_split_that_would_be_empty_is_refused(tmp_path, count, share, said):
    root = raw_sets.flat(tmp_path / "photos", count)
    with pytest.raises(BenchError, match=said):
        prepared("folder", root, tmp_path / "out", raw_sets.images(test_share=share))
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_an_official_split_without_readable_images_is_refused(tmp_path):
    raw_sets.flat(tmp_path / "photos" / "train", 10)
    raw_sets.flat(tmp_path / "photos" / "test", 1)
    (tmp_path / "photos" / "test" / "0.png").write_bytes(b"broken")
    with pytest.raises(BenchError, match="its own split leaves none of the 10 images for test"):
        prepared("folder", tmp_path / "photos", tmp_path / "out", raw_sets.images(max_unreadable=0.5))


def test_a_training_split_that_only_repeats_the_held_out_one_is_refused(tmp_path):
    raw_sets.flat(tmp_path / "photos" / "train", 3)
    raw_sets.flat(tmp_path / "photos" / "test", 3)
    with pytest.raises(BenchError, match="all 3 images for train equal a held-out one"):
        prepared("folder", tmp_path / "photos", tmp_path / "out")


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ganbench.data.prepare.write_pixels", full)
    with pytest.raises(BenchError, match=r"No space left on device; it takes twice the pixels of the store"):
        prepared("folder", raw_sets.flat(tmp_path / "photos"), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]
