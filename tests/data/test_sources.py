"""Every source, on a small set laid out like the real one."""

from __future__ import annotations

import json
import pickle
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
import raw_sets

from ganbench.data.source import SOURCES, Source
from ganbench.errors import BenchError

CARD = Path(__file__).parents[2] / "data" / "raw" / "digits"


def test_all_sources_are_found_by_name():
    assert list(SOURCES.entries()) == [
        "archive",
        "celeba",
        "cifar10",
        "digits",
        "fashion_mnist",
        "folder",
        "lsun",
        "mnist",
        "shapes",
        "stacked_mnist",
    ]


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    source = raw_sets.make("digits", CARD)
    found = raw_sets.items(source)
    assert len(found) == len(source) == 1797
    assert [item.label for item in found] == load_digits().target.tolist()
    np.testing.assert_allclose([item.payload for item in found], load_digits().images * 255 / 16, atol=0.5)


def test_other_digits_than_those_on_the_card_are_refused(tmp_path):
    card = json.loads((CARD / "source.json").read_text())
    (tmp_path / "source.json").write_text(json.dumps(card | {"sha256": "0" * 64}))
    with pytest.raises(BenchError, match=r"source.json: sha256: 0{64}: the installed scikit-learn has [0-9a-f]{64}"):
        list(raw_sets.make("digits", tmp_path))


@pytest.mark.parametrize("text", [None, "{}", "[]", "{"])
def test_a_missing_or_broken_card_of_digits_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "source.json").write_text(text)
    with pytest.raises(BenchError, match=r"source\.json: (no such file|expected a JSON object)"):
        raw_sets.make("digits", tmp_path)


@pytest.mark.parametrize("reader", ["mnist", "fashion_mnist"])
@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_give_images_labels_and_the_official_split(tmp_path, reader, packed):
    expected, labels = raw_sets.mnist(tmp_path, packed=packed)
    source = raw_sets.make(reader, tmp_path)
    found = raw_sets.items(source)
    assert len(source) == len(found) == 40
    assert [item.split for item in found] == ["train"] * 30 + ["test"] * 10
    np.testing.assert_array_equal([item.payload for item in found[:30]], expected)
    assert [item.label for item in found[:30]] == labels.tolist()
    assert len(source.classes) == 10


def test_a_missing_idx_file_is_named_with_what_to_do(tmp_path):
    raw_sets.mnist(tmp_path)
    (tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(BenchError, match=r"found no t10k-labels-idx1-ubyte\(\.gz\); `ganbench data add mnist` "):
        raw_sets.make("mnist", tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\0\x0d\x03" + bytes(12), "begins with 00000d03, expected 00000803"),
        (b"\0\0", "truncated: 2 bytes where 4"),
        (raw_sets.idx(np.zeros((30, 28, 28)))[:-1], "truncated: 23519 bytes where 23520"),
        (raw_sets.idx(np.zeros((29, 28, 28))), "30 labels for the 29 images"),
    ],
)
def test_a_bad_idx_file_is_refused(tmp_path, content, said):
    raw_sets.mnist(tmp_path, packed=False)
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(BenchError, match=said):
        list(raw_sets.make("mnist", tmp_path))


def test_a_truncated_or_false_gzip_is_refused(tmp_path):
    raw_sets.mnist(tmp_path)
    path = tmp_path / "MNIST/raw/train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BenchError, match="damaged or truncated"):
        list(raw_sets.make("mnist", tmp_path))
    path.write_bytes(b"no gzip at all")
    with pytest.raises(BenchError, match="damaged or truncated: Not a gzipped file"):
        list(raw_sets.make("mnist", tmp_path))


def check_cifar10(source: Source, batches: list[tuple[np.ndarray, list[int]]]) -> None:
    found = raw_sets.items(source)
    assert [item.split for item in found] == ["train"] * 20 + ["test"] * 4
    assert [item.label for item in found] == [label for _, labels in batches for label in labels]
    data = np.concatenate([data for data, _ in batches])
    for item, row in zip(found, data, strict=True):
        assert isinstance(item.payload, np.ndarray)
        np.testing.assert_array_equal(item.payload.transpose(2, 0, 1).ravel(), row)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("archived", [False, True])
def test_cifar10_is_read_from_its_batches_or_their_archive(tmp_path, binary, archived):
    batches = raw_sets.cifar10(tmp_path, binary=binary)
    if archived:
        folder = next(tmp_path.iterdir())
        with tarfile.open(tmp_path / f"cifar-10-{'binary' if binary else 'python'}.tar.gz", "w:gz") as archive:
            archive.add(folder, folder.name)
        shutil.rmtree(folder)
    check_cifar10(raw_sets.make("cifar10", tmp_path), batches)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_batches_are_read_whatever_the_pickle_protocol(tmp_path, protocol):
    batches = raw_sets.cifar10(tmp_path)
    for path in tmp_path.rglob("*batch*"):
        if path.is_file():
            batch = pickle.loads(path.read_bytes())
            path.write_bytes(pickle.dumps({"data": batch[b"data"], "labels": batch[b"labels"]}, protocol=protocol))
    check_cifar10(raw_sets.make("cifar10", tmp_path), batches)


class Evil:
    def __reduce__(self):
        return print, ("this code must not run",)


def test_a_batch_that_would_run_code_is_refused(tmp_path, capsys):
    raw_sets.cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_1").write_bytes(pickle.dumps({b"data": Evil(), b"labels": []}))
    with pytest.raises(BenchError, match=r"data_batch_1: not a batch of CIFAR-10: builtins.print is not allowed in it"):
        list(raw_sets.make("cifar10", tmp_path))
    assert "must not run" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1]}, "1 labels for 2 images"),
        ({b"data": np.zeros((1, 3072), np.uint8), b"labels": [10]}, "labels outside 0 … 9"),
        ({b"data": np.zeros((1, 3000), np.uint8), b"labels": [1]}, r"expected uint8 data \(N, 3072\)"),
        ({b"labels": [1]}, "not a batch of CIFAR-10: 'data'"),
        ([], "not a batch"),
    ],
)
def test_a_bad_batch_is_refused(tmp_path, batch, said):
    raw_sets.cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_1").write_bytes(pickle.dumps(batch, protocol=2))
    with pytest.raises(BenchError, match=said):
        list(raw_sets.make("cifar10", tmp_path))


def test_missing_batches_are_named(tmp_path):
    raw_sets.cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_3").unlink()
    with pytest.raises(BenchError, match=r"found no data_batch_3; `ganbench data add cifar10` downloads them"):
        raw_sets.make("cifar10", tmp_path)


def test_lsun_gives_every_photo_once_whatever_is_mapped_at_a_time(tmp_path, monkeypatch):
    from ganbench.data.sources import lsun

    raw_sets.lsun(tmp_path)
    expected = [raw_sets.pixels(index).tolist() for index in range(12)]
    assert raw_sets.pictures(raw_sets.items(raw_sets.make("lsun", tmp_path))) == expected
    for mapped in (1, 5, 12):
        monkeypatch.setattr(lsun, "MAPPED", mapped)
        assert raw_sets.pictures(raw_sets.items(raw_sets.make("lsun", tmp_path))) == expected
    assert raw_sets.make("lsun", tmp_path).classes == []


def test_the_category_of_lsun_is_chosen_by_the_parameter(tmp_path):
    raw_sets.lsun(tmp_path / "a", category="kitchen")
    assert len(raw_sets.make("lsun", tmp_path, lsun_category="kitchen")) == 12
    with pytest.raises(BenchError, match=r"prepare.lsun_category: unknown category 'bedroom'; allowed: kitchen in"):
        raw_sets.make("lsun", tmp_path)
    SOURCES.entries()["lsun"].accept(tmp_path)


def test_a_missing_or_damaged_lmdb_is_refused(tmp_path):
    with pytest.raises(BenchError, match=r"found no \*_train_lmdb/data.mdb; put a folder such as bedroom_train_lmdb"):
        raw_sets.make("lsun", tmp_path)
    (tmp_path / "bedroom_train_lmdb").mkdir()
    (tmp_path / "bedroom_train_lmdb" / "data.mdb").write_bytes(b"nonsense" * 2000)
    with pytest.raises(BenchError, match="not an LMDB, or damaged"):
        len(raw_sets.make("lsun", tmp_path))
