"""What is refused as a packed store."""

from __future__ import annotations

import json

import numpy as np
import pytest
import raw_sets

from ganbench.data.store import Store
from ganbench.errors import BenchError


@pytest.fixture
def store(tmp_path):
    return raw_sets.prepared("folder", raw_sets.flat(tmp_path / "photos"), tmp_path / "store")


def test_a_missing_store_is_refused(tmp_path):
    with pytest.raises(BenchError, match=r"meta.json: no such file; `dvc repro prepare` makes"):
        Store.open(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"dataset": "x", "more": 1}'])
def test_another_description_is_refused(tmp_path, text):
    (tmp_path / "meta.json").write_text(text)
    with pytest.raises(BenchError, match="not the description of a packed store"):
        Store.open(tmp_path)


def test_arrays_and_tables_that_do_not_fit_the_description_are_refused(store):
    meta = json.loads((store.root / "meta.json").read_text())
    (store.root / "meta.json").write_text(json.dumps(meta | {"train": 5}))
    other = Store.open(store.root)
    with pytest.raises(BenchError, match=r"train.npy: uint8 \(9, 16, 16, 3\); meta.json says uint8 \(5, 16, 16, 3\)"):
        other.images("train")
    with pytest.raises(BenchError, match=r"train.parquet: 9 rows; meta.json says 5"):
        other.labels("train")


def test_damaged_arrays_and_tables_are_refused(store):
    (store.root / "train.npy").write_bytes(b"x")
    (store.root / "test.parquet").write_bytes(b"x")
    with pytest.raises(BenchError, match="not the array"):
        store.images("train")
    with pytest.raises(BenchError, match="not the table"):
        store.labels("test")
    (store.root / "test.parquet").unlink()
    with pytest.raises(BenchError, match="not the table"):
        store.table("test")


def test_an_unlabelled_store_has_the_label_minus_one(store):
    assert store.meta.classes == []
    np.testing.assert_array_equal(store.labels("test"), np.full(3, -1))
