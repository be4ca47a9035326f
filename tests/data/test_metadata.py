"""Captions of a user's own images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.data import check
from ganbench.errors import BenchError
from ganbench.params import Params


def captions(root: Path, texts: dict[str, str | None], name: str = "metadata.csv") -> Path:
    """Write a metadata file into a folder."""
    root.mkdir(parents=True, exist_ok=True)
    if name.endswith(".csv"):
        rows = "".join(f'{file},"{text or ""}"\n' for file, text in texts.items())
        (root / name).write_text(f"file_name,text\n{rows}", encoding="utf-8-sig")
    else:
        lines = [json.dumps({"file_name": file, "text": text, "more": 1}) for file, text in texts.items()]
        (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def texts(count: int = 12) -> dict[str, str | None]:
    return {f"{index}.png": f"Bild {index}, ein schönes" for index in range(count)}


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
def test_a_folder_with_metadata_has_captions(tmp_path, name):
    root = captions(raw_sets.flat(tmp_path / "photos"), texts(), name)
    store = raw_sets.prepared("folder", root, tmp_path / "out")
    for split in ("train", "test"):
        found = dict(zip(store.table(split)["source"], store.captions(split), strict=True))
        assert found == {name: text for name, text in texts().items() if name in found}
    train = {word for text in store.captions("train") for word in text.lower().replace(",", "").split()}
    assert store.meta.words == sorted(train)
    assert store.meta.attributes == {}


def test_a_folder_without_metadata_has_none(tmp_path):
    store = raw_sets.prepared("folder", raw_sets.flat(tmp_path / "photos"), tmp_path / "out")
    assert store.meta.words == []
    assert store.captions("train") == []
    assert "caption" not in store.table("train")


def test_the_vocabulary_is_that_of_the_training_captions_alone(tmp_path):
    root = tmp_path / "photos"
    for split, count in (("train", 6), ("test", 3)):
        raw_sets.flat(root / split, count)
        captions(root / split, {f"{index}.png": f"{split} {index}" for index in range(count)})
    for index in range(3):  # equal pixels would be dropped from train
        (root / "test" / f"{index}.png").write_bytes(raw_sets.encoded(raw_sets.pixels(50 + index, 20, 20)))
    store = raw_sets.prepared("folder", root, tmp_path / "out")
    assert store.meta.words == sorted(["train", *map(str, range(6))])
    assert sorted(store.captions("test")) == ["test 0", "test 1", "test 2"]


def test_labels_of_class_folders_stay_and_names_count_from_the_metadata_file(tmp_path):
    root = raw_sets.class_folders(tmp_path / "photos")
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.*")]
    plain = raw_sets.prepared("folder", root, tmp_path / "plain")
    captions(root, {name: name for name in names})
    store = raw_sets.prepared("folder", root, tmp_path / "out")
    assert store.meta.classes == plain.meta.classes
    np.testing.assert_array_equal(store.labels("train"), plain.labels("train"))
    np.testing.assert_array_equal(store.images("train"), plain.images("train"))
    assert store.captions("train") == store.table("train")["source"].tolist()


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
def test_an_archive_gives_the_captions_that_its_folder_gives(tmp_path, suffix):
    root = captions(raw_sets.flat(tmp_path / "photos"), texts(), "metadata.jsonl")
    raw_sets.pack(root, tmp_path / "packed" / "photos" / f"set.{suffix}", top="photos")
    one = raw_sets.prepared("folder", root, tmp_path / "one")
    two = raw_sets.prepared("archive", tmp_path / "packed" / "photos", tmp_path / "two")
    assert one.captions("train") == two.captions("train")
    assert one.meta.words == two.meta.words


WITHOUT = {name: text for name, text in texts().items() if name not in ("3.png", "10.png")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (WITHOUT, "metadata.csv: 2 images without a caption: 3.png, 10.png"),
        (texts(4), r"8 images without a caption: 4.png, 5.png, 6.png, 7.png, 8.png and 3 more"),
        (texts() | {"3.png": "", "4.png": " ?"}, "2 images with an empty caption: 3.png, 4.png"),
        (texts() | {"x.png": "y"}, "1 captions of files that are no images here: x.png"),
        (texts() | {"./3.png": "y"}, "1 images with more than one caption: 3.png"),
    ],
)
@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
def test_captions_that_do_not_fit_the_images_are_refused_by_name(tmp_path, content, said, name, monkeypatch):
    captions(raw_sets.flat(tmp_path / "data/raw/photos"), content, name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BenchError, match=rf"^data/raw/photos: .*{said.replace('metadata.csv', name)}$"):
        check.find_source(Params.model_validate({"images": raw_sets.images("photos")}))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metadata.csv", b"file,text\n", "no column file_name; it has file, text"),
        ("metadata.csv", b"", "no column file_name, text; it has none"),
        ("metadata.csv", b"file_name,text\n,x\n", "line 2: no file_name"),
        ("metadata.csv", b"file_name,text\n0.png,\xff\n", "not UTF-8: invalid start byte at byte 21"),
        ("metadata.csv", b'file_name,text\n0.png,"x\n', "line 1: not CSV"),
        ("metadata.jsonl", b"{\n", "line 1: not JSON"),
        ("metadata.jsonl", b'{"file_name": "0.png", "text": 3}\n', "line 1: expected an object with the strings"),
        ("metadata.jsonl", b"[1]\n", "line 1: expected an object"),
        ("metadata.jsonl", b'\n{"text": "x"}\n', "line 2: expected an object"),
    ],
)
def test_a_file_that_is_no_table_of_captions_is_refused(tmp_path, name, content, said):
    root = raw_sets.flat(tmp_path / "photos", 2)
    (root / name).write_bytes(content)
    with pytest.raises(BenchError, match=rf"photos/{name}: {said}"):
        raw_sets.make("folder", root)


def test_a_bad_archive_leaves_nothing_half_written(tmp_path):
    root = captions(raw_sets.flat(tmp_path / "photos"), WITHOUT)
    raw_sets.pack(root, tmp_path / "packed" / "photos" / "set.zip")
    with pytest.raises(BenchError, match="2 images without a caption"):
        raw_sets.prepared("archive", tmp_path / "packed" / "photos", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))
