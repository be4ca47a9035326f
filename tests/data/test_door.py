"""The door for raw data, with a real git and DVC project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import pytest
import raw_sets
from ruamel.yaml import YAML

from ganbench.data import door
from ganbench.errors import BenchError

PROJECT = Path(__file__).parents[2]
IGNORED = "/data/raw/*\n!/data/raw/digits/\n!/data/raw/*.dvc\n"


def git(*command: str) -> str:
    return subprocess.run(["git", *command], check=True, capture_output=True, text=True).stdout.strip()


def dvc(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "dvc", *command], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A fresh project, made once and copied for each test."""
    root = tmp_path_factory.mktemp("empty")
    before = Path.cwd()
    os.chdir(root)
    try:
        git("init", "-q", "-b", "main")
        git("config", "user.email", "a@example.org")
        git("config", "user.name", "a")
        dvc("init", "-q")
        dvc("config", "core.analytics", "false")
        dvc("config", "core.check_update", "false")
        Path(".gitignore").write_text(IGNORED)
        git("add", "-A")
        git("commit", "-qm", "project")
    finally:
        os.chdir(before)
    return root


@pytest.fixture(autouse=True)
def project(empty, tmp_path, monkeypatch):
    shutil.copytree(empty, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def pointer(name: str) -> dict:
    return YAML(typ="safe").load(Path(f"data/raw/{name}.dvc"))


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_new_version_has_a_new_hash_and_the_old_one_comes_back(project):
    first, second = raw_sets.flat(project / "v1", 4), raw_sets.flat(project / "v2", 5)
    (first / ".DS_Store").touch()
    said = door.add("photos", first)
    old = pointer("photos")
    assert old["meta"] == {
        "reader": "folder",
        "origin": str(first),
        "files": 4,
        "bytes": sum(map(len, files(Path("data/raw/photos")).values())),
    }
    assert f"data/raw/photos: 4 files, 0.0 MB, read as folder; origin: {first}; hash {old['outs'][0]['md5']}" in said
    assert git("status", "--porcelain", "-uall") == "?? data/raw/photos.dvc"
    git("add", "-A")
    git("commit", "-qm", "one")

    with pytest.raises(BenchError, match=r"^data/raw/photos: holds another raw set; say --replace to put .*v2"):
        door.add("photos", second)
    assert len(files(Path("data/raw/photos"))) == 4
    door.add("photos", second, replace=True)
    assert pointer("photos")["outs"][0]["md5"] != old["outs"][0]["md5"]
    assert files(Path("data/raw/photos")) == files(second)
    git("commit", "-qam", "two")

    git("checkout", "-q", "HEAD~1", "--", "data/raw/photos.dvc")
    dvc("checkout", "-q", "data/raw/photos.dvc")
    assert pointer("photos") == old
    (first / ".DS_Store").unlink()
    assert files(Path("data/raw/photos")) == files(first)
    assert sorted(path.name for path in Path("data/raw").iterdir()) == ["photos", "photos.dvc"]


def test_the_same_set_again_changes_nothing_and_keeps_its_origin(project):
    source = raw_sets.flat(project / "source", 3)
    door.add("photos", source)
    before = Path("data/raw/photos.dvc").read_bytes()
    door.add("photos", source)
    door.add("photos")
    dvc("add", "-q", "data/raw/photos")
    assert Path("data/raw/photos.dvc").read_bytes() == before


def test_an_archive_is_copied_as_it_is(project):
    archive = raw_sets.pack(raw_sets.flat(project / "source", 3), project / "set.tar.gz")
    door.add("photos", archive)
    assert files(Path("data/raw/photos")) == {"set.tar.gz": archive.read_bytes()}
    assert pointer("photos")["meta"]["reader"] == "archive"
    assert not Path("data/raw/photos/set.tar.gz").samefile(archive)


def test_files_that_lie_there_are_registered():
    raw_sets.mnist(Path("data/raw/mnist"))
    door.add("mnist")
    assert pointer("mnist")["meta"] | {"bytes": 0} == {"reader": "mnist", "origin": "in place", "files": 4, "bytes": 0}


def test_a_category_of_lsun_other_than_the_default_is_accepted(project):
    raw_sets.lsun(project / "lsun", category="kitchen")
    door.add("lsun", project / "lsun")
    assert pointer("lsun")["meta"]["reader"] == "lsun"


def download(folder: Path) -> type:
    class MNIST:
        def __init__(self, root: Path, download: bool) -> None:
            assert download
            shutil.copytree(folder, root, dirs_exist_ok=True)
            for packed in Path(root).rglob("*.gz"):
                packed.with_suffix("").write_bytes(b"unpacked")

    return MNIST


def test_a_download_is_kept_as_it_was_published(project, monkeypatch):
    raw_sets.mnist(project / "published")
    monkeypatch.setattr("torchvision.datasets.MNIST", download(project / "published"))
    door.add("mnist")
    published = files(project / "published/MNIST/raw")
    assert files(Path("data/raw/mnist")) == published
    assert pointer("mnist")["meta"]["origin"] == "torchvision"


@pytest.mark.parametrize("error", [URLError("no network"), RuntimeError("Error downloading\nx"), OSError("reset")])
def test_a_failed_download_is_said_and_leaves_nothing(monkeypatch, error):
    def fail(root: Path, download: bool) -> None:
        (Path(root) / "half").write_text("written")
        raise error

    monkeypatch.setattr("torchvision.datasets.CIFAR10", fail)
    with pytest.raises(BenchError, match=r"^torchvision could not download CIFAR10: .*(network|load|reset)") as said:
        door.add("cifar10")
    assert "\n" not in str(said.value.message)
    assert list(Path("data/raw").iterdir()) == []


@pytest.mark.parametrize("name", ["my-photos", "a b", "", "../x", "é"])
def test_a_bad_name_is_refused(project, name):
    with pytest.raises(BenchError, match="a dataset's name is made of A-Z, a-z, 0-9 and _"):
        door.add(name, raw_sets.flat(project / "source"))


def refused(name: str, path: Path | None, said: str) -> None:
    with pytest.raises(BenchError, match=said):
        door.add(name, path)
    assert not Path("data/raw", name).exists()
    assert not Path("data/raw/.adding").exists()


def test_what_cannot_be_a_raw_set_is_refused_and_leaves_nothing(project):
    (project / "texts").mkdir()
    (project / "texts" / "a.txt").write_text("x")
    (project / "broken.zip").write_text("x")
    refused("photos", project / "none", "none: no such file or folder")
    refused("photos", project / "texts", "texts: no images; looked for")
    refused("photos", project / "texts" / "a.txt", "a.txt: expected a folder of images or an archive")
    refused("photos", project / "broken.zip", "broken.zip: not a zip archive")
    refused("photos", Path(), "holds data/raw/photos itself|no images")
    refused("photos", None, "data/raw/photos: no such folder; `ganbench data add photos PATH`")
    refused("mnist", raw_sets.flat(project / "flat"), "flat: found no train-images-idx3-ubyte")
    refused("celeba", None, "data/raw/celeba: found no list_attr_celeba.txt")
    refused("digits", project / "flat", "digits is embedded")


def test_a_registered_set_that_is_not_checked_out_is_not_downloaded_again():
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/mnist.dvc").touch()
    with pytest.raises(BenchError, match=r"`dvc checkout data/raw/mnist.dvc`"):
        door.add("mnist")


def test_a_folder_that_is_no_dvc_project_is_refused(project, monkeypatch):
    monkeypatch.chdir(project)
    with pytest.raises(BenchError, match="no DVC project here"):
        door.add("photos", raw_sets.flat(project / "source"))


def test_what_dvc_refuses_is_said(project):
    Path(".gitignore").write_text("*.dvc\n")
    with pytest.raises(BenchError, match=r"^dvc add data/raw/photos: .*git-ignored"):
        door.add("photos", raw_sets.flat(project / "source", 2))
