"""Folders of pairs, and folders of two domains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from two_domains import image, made, track

from ganbench.data.translation.sides import places
from ganbench.data.translation.task import open_domains
from ganbench.errors import BenchError

ROOT = Path("data/raw/set")
PAIRS, DOMAINS = {"pairs": {"of": "set"}}, {"domains": {"of": "set"}}


@pytest.mark.parametrize(
    "names",
    [
        ["A/1.png", "A/2.png", "B/1.jpg"],
        ["set/a/1.png", "set/a/2.png", "set/b/1.png"],
        ["A/train/1.png", "A/test/2.png", "B/train/1.png"],
        ["train/A/1.png", "test/A/2.png", "train/B/1.png"],
        ["trainA/1.png", "testA/2.png", "trainB/1.png"],
        ["x/train_A/1.png", "x/test_A/2.png", "x/train_B/1.png"],
    ],
)
def test_the_usual_layouts_are_read_alike(names):
    read = places(names, ("A", "B"), "set")
    assert [place.side for place in read] == [0, 0, 1]
    assert read[0].key == read[2].key != read[1].key
    splits = [place.split for place in read]
    assert splits == (["train", "test", "train"] if "train" in names[0] else [None, None, None])


def test_sub_folders_may_have_other_names_and_partners_lie_deep():
    read = places(["day/x/1.png", "night/x/1.png", "night/1.png"], ("day", "night"), "set")
    assert [place.side for place in read] == [0, 1, 1]
    assert read[0].key == read[1].key != read[2].key


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["A/1.png", "B/1.png", "1.png"], "1 of 3 images lie in no A/ or B/, such as '1.png'"),
        (["trainA/1.png", "B/1.png"], "1 of 2 images lie in no a folder of a split"),
    ],
)
def test_images_beside_the_folders_are_refused(names, said):
    with pytest.raises(BenchError, match=said):
        places(names, ("A", "B"), "set")


def two_folders(count: int = 8, a: str = "A", b: str = "B") -> None:
    for index in range(count):
        image(ROOT / a / f"{index}.png", index)
        image(ROOT / b / f"{index}.jpg", 100 + index)


def shown(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB").resize((16, 16), Image.Resampling.LANCZOS))


def test_partners_of_two_folders_stand_in_the_same_row():
    two_folders()
    domains = made(PAIRS)
    assert domains.paired
    assert (domains.a.meta.train, domains.a.meta.test, domains.a.meta.classes) == (6, 2, [])
    for split in ("train", "test"):
        for name, a, b in zip(
            domains.a.table(split)["source"], domains.a.images(split), domains.b.images(split), strict=True
        ):
            np.testing.assert_array_equal(a, shown(ROOT / name))
            np.testing.assert_array_equal(b, shown(ROOT / name.replace("A", "B").replace("png", "jpg")))


def test_side_by_side_the_left_half_is_a():
    for index in range(8):
        image(ROOT / ("train" if index < 6 else "test") / f"{index}.png", index, 16, 32)
    domains = made(PAIRS)
    assert (domains.a.meta.train, domains.b.meta.test) == (6, 2)
    for name, a, b in zip(
        domains.a.table("test")["source"], domains.a.images("test"), domains.b.images("test"), strict=True
    ):
        whole = np.asarray(Image.open(ROOT / name))
        np.testing.assert_array_equal(a, whole[:, :16])
        np.testing.assert_array_equal(b, whole[:, 16:])


def test_grey_pairs_are_one_channel_each():
    two_folders()
    domains = made(PAIRS, channels=1)
    assert (domains.a.meta.channels, domains.b.meta.channels) == (1, 1)
    assert (domains.a.images("train") != domains.b.images("train")).any()


def test_missing_partners_are_listed_by_name():
    two_folders()
    for name in ("B/3.jpg", "B/2.jpg"):
        (ROOT / name).unlink()
    with pytest.raises(BenchError, match=r"^data/raw/set: 2 images in A/ alone: A/2.png, A/3.png$"):
        open_domains(track(PAIRS).translation)
    (ROOT / "A/2.png").unlink()
    (ROOT / "A/3.png").unlink()
    image(ROOT / "B/x.png", 3)
    with pytest.raises(BenchError, match=r"1 images in B/ alone: B/x.png$"):
        open_domains(track(PAIRS).translation)


def test_pairs_of_different_sizes_are_listed_by_name():
    two_folders(9)
    image(ROOT / "B/4.jpg", 4, 20, 24)
    with pytest.raises(BenchError, match=r"^data/raw/set: 1 images that differ in size from their partner: A/4.png$"):
        open_domains(track(PAIRS).translation)


def test_two_images_of_one_name_are_refused():
    two_folders()
    image(ROOT / "A/4.jpg", 4)
    with pytest.raises(BenchError, match=r"2 images in A/ under one name: A/4.jpg, A/4.png"):
        open_domains(track(PAIRS).translation)


@pytest.mark.parametrize("size", [(20, 20), (16, 31)])
def test_what_cannot_be_two_halves_is_listed_by_name(size):
    for index in range(4):
        image(ROOT / f"{index}.png", index, 16, 32)
    image(ROOT / "odd.png", 9, *size)
    with pytest.raises(BenchError, match=r"1 images that are no two halves .*: odd.png$"):
        open_domains(track(PAIRS).translation)


def test_an_unreadable_partner_takes_the_pair_with_it(capsys):
    two_folders(8)
    (ROOT / "B/5.jpg").write_bytes(b"broken")
    with pytest.raises(BenchError, match=r"1 of 8 images are unreadable, more than translation.prepare.max_unreadable"):
        made(PAIRS)
    assert not Path("data/prepared/translation").exists()
    domains = made(PAIRS, max_unreadable=0.2)
    assert domains.a.meta.train + domains.a.meta.test == 7
    assert domains.a.meta.unreadable == 1
    assert "unreadable: data/raw/set/A/5.png" in capsys.readouterr().err


@pytest.mark.parametrize("task", [PAIRS, DOMAINS])
def test_one_domain_alone_is_refused(task):
    for index in range(4):
        image(ROOT / "A" / f"{index}.png", index)
    with pytest.raises(
        BenchError, match=r"^data/raw/set: two domains are needed; images found: 4 in A/, 0 in B/, 0 in"
    ):
        open_domains(track(task).translation)


def test_two_domains_need_no_partners():
    for index in range(8):
        image(ROOT / ("trainA" if index < 6 else "testA") / f"x{index}.png", index, 20, 30)
    for index in range(5):
        image(ROOT / ("trainB" if index < 3 else "testB") / f"y{index}.png", 50 + index)
    domains = made(DOMAINS)
    assert (domains.a.meta.train, domains.a.meta.test, domains.b.meta.train, domains.b.meta.test) == (6, 2, 3, 2)
    assert (domains.paired, domains.known) == (False, False)
    assert domains.truth("ab") is None


@pytest.mark.parametrize("task", [PAIRS, DOMAINS])
def test_a_folder_without_images_is_refused(task):
    ROOT.mkdir()
    with pytest.raises(BenchError, match=r"^data/raw/set: no images; looked for \*.png"):
        open_domains(track(task).translation)


def test_a_registered_folder_that_is_not_checked_out_is_said_to_be_so():
    Path("data/raw/set.dvc").touch()
    with pytest.raises(BenchError, match=r"`dvc checkout data/raw/set.dvc` or `dvc pull`"):
        open_domains(track(PAIRS).translation)


def test_equal_pairs_of_train_and_test_are_dropped_from_train():
    for split in ("train", "test"):
        for index in range(4):
            image(ROOT / split / "A" / f"{index}.png", index if split == "train" or index == 0 else 20 + index)
            image(ROOT / split / "B" / f"{index}.png", 40 + index)
    domains = made(PAIRS)
    assert (domains.a.meta.train, domains.a.meta.duplicates_dropped) == (3, 1)
