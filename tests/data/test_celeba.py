"""CelebA, on a small set laid out like the real one."""

from __future__ import annotations

import pytest
import raw_sets

from ganbench.data.decode import decode
from ganbench.errors import BenchError


@pytest.mark.parametrize("zipped", [False, True])
def test_celeba_gives_its_attributes_and_partition(tmp_path, zipped):
    values = raw_sets.celeba(tmp_path / "celeba", zipped=zipped)
    source = raw_sets.make("celeba", tmp_path / "celeba")
    found = raw_sets.items(source)
    assert len(source) == len(found) == 20
    assert source.classes == ["not Smiling", "Smiling"]
    assert source.columns == tuple(raw_sets.ATTRIBUTES)
    assert [item.extra for item in found] == [tuple(row) for row in values.tolist()]
    assert [item.label for item in found] == values[:, raw_sets.ATTRIBUTES.index("Smiling")].tolist()
    assert [item.split for item in found[:10]] == ["train"] * 10
    assert [item.split for item in found[10:]] == ["train", "test"] * 5  # partitions 1, 2, 1, …
    assert decode(found[0].payload).size == (178, 218)


def test_another_attribute_of_celeba_may_be_the_label(tmp_path):
    values = raw_sets.celeba(tmp_path / "celeba")
    found = raw_sets.items(raw_sets.make("celeba", tmp_path / "celeba", celeba_label="Young"))
    assert [item.label for item in found] == values[:, -1].tolist()


def test_an_unknown_attribute_is_refused_with_the_nearest(tmp_path):
    raw_sets.celeba(tmp_path / "celeba")
    with pytest.raises(BenchError, match=r"prepare.celeba_label: unknown attribute 'Smilling' \(did you mean 'Smiling"):
        raw_sets.make("celeba", tmp_path / "celeba", celeba_label="Smilling")


@pytest.mark.parametrize("name", ["list_attr_celeba.txt", "list_eval_partition.txt", "img_align_celeba"])
def test_missing_parts_of_celeba_are_named(tmp_path, name):
    raw_sets.celeba(tmp_path / "celeba")
    next((tmp_path / "celeba").rglob(name)).rename(tmp_path / "away")
    with pytest.raises(BenchError, match=rf"found no .*{name}.*put img_align_celeba/ or .* under data/raw/celeba/"):
        raw_sets.make("celeba", tmp_path / "celeba")


def test_lists_of_celeba_that_do_not_belong_together_are_refused(tmp_path):
    raw_sets.celeba(tmp_path / "celeba")
    path = tmp_path / "celeba/Anno/list_attr_celeba.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:5] + lines[6:]))
    with pytest.raises(BenchError, match=r"expected 000004.jpg .* and 40 values 1 or -1, got 000005.jpg"):
        list(raw_sets.make("celeba", tmp_path / "celeba"))


def test_a_photo_that_the_zip_of_celeba_lacks_is_unreadable(tmp_path):
    raw_sets.celeba(tmp_path / "celeba", zipped=True)
    path = tmp_path / "celeba/list_eval_partition.txt"
    path.write_text(path.read_text() + "000021.jpg 0\n")
    attributes = tmp_path / "celeba/Anno/list_attr_celeba.txt"
    attributes.write_text(attributes.read_text() + "000021.jpg " + "1 " * 40 + "\n")
    payload = raw_sets.items(raw_sets.make("celeba", tmp_path / "celeba"))[-1].payload
    with pytest.raises(OSError, match=r"not in img_align_celeba.zip"):
        decode(payload)
