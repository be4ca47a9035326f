"""Folders and archives of images."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest
import raw_sets

from ganbench.data.decode import decode
from ganbench.data.files import walk
from ganbench.errors import BenchError


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("top", ["", "all of it"])
@pytest.mark.parametrize("layout", ["classes", "flat", "split"])
def test_an_archive_gives_what_its_folder_gives(tmp_path, suffix, top, layout):
    folder = tmp_path / "folder"
    if layout == "flat":
        raw_sets.flat(folder)
    else:
        raw_sets.class_folders(folder if layout == "classes" else folder / "train")
    if layout == "split":
        raw_sets.class_folders(folder / "val", per_class=1)
    raw_sets.pack(folder, tmp_path / "packed" / f"set.{suffix}", top)
    expected, got = raw_sets.make("folder", folder), raw_sets.make("archive", tmp_path / "packed")
    assert got.classes == expected.classes == ([] if layout == "flat" else ["cat 1", "cat 2", "cat 10", "été"])
    assert len(got) == len(expected)
    for one, other in zip(raw_sets.items(expected), raw_sets.items(got), strict=True):
        assert isinstance(one.payload, Path)
        assert (one.position, one.label, one.split) == (other.position, other.label, other.split)
        assert one.payload.read_bytes() == other.payload
        assert other.source == f"{top}/{one.source}".lstrip("/")


def test_names_that_are_no_unicode_are_written_in_ascii(tmp_path):
    (tmp_path / "1.png").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).touch()
    assert [item.source for item in raw_sets.items(raw_sets.make("folder", tmp_path))] == ["1.png", "\\xff.png"]


def test_links_to_folders_are_followed_but_not_round_in_circles(tmp_path):
    raw_sets.flat(tmp_path / "real" / "a", 2)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "a" / "back").symlink_to(tmp_path / "set")
    assert [item.source for item in raw_sets.items(raw_sets.make("folder", tmp_path / "set"))] == [
        "linked/a/0.png",
        "linked/a/1.png",
    ]


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_damaged_archive_is_refused(tmp_path, suffix):
    path = raw_sets.pack(raw_sets.flat(tmp_path / "folder"), tmp_path / "packed" / f"set.{suffix}")
    whole = path.read_bytes()
    for share in (0.9, 0.5):
        path.write_bytes(whole[: int(share * len(whole))] if suffix != "tar" else whole[: int(share * len(whole) / 2)])
        with pytest.raises(BenchError, match=rf"set.{suffix}: not a (zip|tar) archive, or damaged: \w+"):
            list(raw_sets.make("archive", path.parent))
    path.write_bytes(b"this is text\n" * 100)
    with pytest.raises(BenchError, match=r"not a (zip|tar) archive, or damaged"):
        raw_sets.make("archive", path.parent)


def test_a_damaged_file_within_a_zip_is_unreadable_and_the_others_are_not(tmp_path):
    path = raw_sets.pack(raw_sets.flat(tmp_path / "folder", 3), tmp_path / "packed" / "set.zip")
    content = bytearray(path.read_bytes())
    content[200:210] = bytes(10)
    path.write_bytes(content)
    reasons = []
    for item in raw_sets.items(raw_sets.make("archive", path.parent)):
        try:
            decode(item.payload)
        except OSError as error:
            reasons.append(str(error))
    assert len(reasons) == 1
    assert reasons[0].startswith("Bad CRC-32 for file '2.png'")


def test_a_link_within_a_tar_is_unreadable(tmp_path):
    path = tmp_path / "set.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(raw_sets.flat(tmp_path / "folder", 2), "set")
        link = tarfile.TarInfo("set/9.png")
        link.type, link.linkname = tarfile.SYMTYPE, "0.png"
        archive.addfile(link)
    shutil.rmtree(tmp_path / "folder")
    with pytest.raises(OSError, match="a link, not a file"):
        decode(raw_sets.items(raw_sets.make("archive", tmp_path))[-1].payload)


def test_an_archive_without_images_is_refused(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("x")
    raw_sets.pack(tmp_path / "text", tmp_path / "packed" / "set.zip")
    with pytest.raises(BenchError, match=r"set.zip: no images; looked for \*.png"):
        raw_sets.make("archive", tmp_path / "packed")


def test_two_archives_are_refused(tmp_path):
    folder = raw_sets.flat(tmp_path / "folder", 2)
    for name in ("a.zip", "b.tar"):
        raw_sets.pack(folder, tmp_path / "packed" / name)
    with pytest.raises(BenchError, match=r"2 archives \(a.zip, b.tar, …\); expected exactly one of"):
        raw_sets.make("archive", tmp_path / "packed")


def test_a_folder_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def deny(path: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", deny)
    with pytest.raises(BenchError, match=r"photos: Permission denied"):
        list(walk(tmp_path / "photos"))
