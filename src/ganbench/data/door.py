"""The one door through which raw data enters: copied or downloaded, checked, and registered with DVC."""

from __future__ import annotations

import filecmp
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ganbench.cell import RAW, raw_dir
from ganbench.data import check
from ganbench.data.download import download
from ganbench.data.files import ARCHIVES, is_archive, is_junk, one_line, walk
from ganbench.data.source import SOURCES
from ganbench.errors import BenchError

STAGING = RAW / ".adding"
IN_PLACE = "in place"


def add(name: str, path: Path | None = None, replace: bool = False) -> str:
    """Bring a raw set to ``data/raw/<name>`` and register it: ``data/raw/<name>.dvc``, to be committed to git.

    That file's hash identifies the content; its ``meta`` block says where it came from.

    Args:
        name: a known dataset, or a name for a set of your own.
        path: a folder or an archive, which is copied. None: download a known dataset, or register what lies there.
        replace: a new version may take the place of an old one, which DVC's cache keeps if it was registered.

    Returns:
        What was done, for people.

    Raises:
        BenchError: a bad name or path, no images in it, another set of that name, no network, DVC's refusal.
    """
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise BenchError(f"{name!r}: a dataset's name is made of A-Z, a-z, 0-9 and _")
    if check.is_known(name) and SOURCES.entries()[name].embedded:
        raise BenchError(f"{name} is embedded: there is nothing to add; another name for data of your own")
    if not Path(".dvc").is_dir():
        raise BenchError(f"{Path.cwd()}: no DVC project here; run at its root, or `git init` and `dvc init` first")
    shutil.rmtree(STAGING, ignore_errors=True)
    try:
        if path is not None:
            origin = _copy(name, path, replace)
        elif raw_dir(name).is_dir():
            origin = IN_PLACE
        else:
            origin = _download(name)
    except (OSError, shutil.Error) as error:
        raise BenchError(f"{raw_dir(name)}: {one_line(error)}") from None
    finally:
        shutil.rmtree(STAGING, ignore_errors=True)
    return _register(name, origin)


def _copy(name: str, path: Path, replace: bool) -> str:
    """Copy a folder or an archive; returns the origin."""
    if not path.exists():
        raise BenchError(f"{path}: no such file or folder")
    target, staged = raw_dir(name), STAGING / name
    if target.resolve() == path.resolve():
        return IN_PLACE
    if path.is_dir():
        if path.resolve() in target.resolve().parents:
            raise BenchError(f"{path}: holds {target} itself; expected a folder elsewhere")
        _accept(name, path)
        staged.parent.mkdir(parents=True)
        shutil.copytree(path, staged, ignore=lambda _, names: [entry for entry in names if is_junk(entry)])
    else:
        if not is_archive(path.name) and not check.is_known(name):
            raise BenchError(f"{path}: expected a folder of images or an archive of one, *{', *'.join(ARCHIVES)}")
        staged.mkdir(parents=True)
        shutil.copy(path, staged)
        _accept(name, staged)
    if target.exists() and not _same(target, staged):
        if not replace:
            raise BenchError(f"{target}: holds another raw set; say --replace to put {path} in its place")
        _swap(target, staged)
    elif not target.exists():
        staged.rename(target)
    return str(path)


def _swap(target: Path, staged: Path) -> None:
    old = STAGING / "old"
    target.rename(old)
    try:
        staged.rename(target)
    except OSError:
        old.rename(target)
        raise


def _download(name: str) -> str:
    """Download a known dataset; returns the origin."""
    torchvision = SOURCES.entries()[name].torchvision if check.is_known(name) else None
    pointer = _pointer(name)
    if pointer.exists():
        raise BenchError(f"{raw_dir(name)}: no such folder, but {pointer} stands there; `dvc checkout {pointer}`")
    if torchvision is None:
        if check.is_known(name):
            _accept(name, raw_dir(name))
        raise BenchError(f"{raw_dir(name)}: no such folder; `ganbench data add {name} PATH` copies one")
    download(torchvision, STAGING / name)
    _accept(name, STAGING / name)
    (STAGING / name).rename(raw_dir(name))
    return "torchvision"


def _accept(name: str, root: Path) -> str:
    """The reader, once it has accepted the files under `root`."""
    reader = check.reader_of(name, root)
    SOURCES.entries()[reader].accept(root)
    return reader


def _same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    names = list(walk(one))
    return names == list(walk(other)) and not any(filecmp.cmpfiles(one, other, names, shallow=False)[1:])


def _pointer(name: str) -> Path:
    return Path(f"{raw_dir(name)}.dvc")


def _register(name: str, origin: str) -> str:
    """``dvc add``, then the origin in the ``meta`` block of its file."""
    target, pointer = raw_dir(name), _pointer(name)
    reader = _accept(name, target)
    before = _read(pointer) if pointer.exists() else {}
    command = [sys.executable, "-m", "dvc", "add", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr[done.stderr.rfind("ERROR: ") :].removeprefix("ERROR: ")
        raise BenchError(f"dvc add {target}: {' '.join(said.split())}")
    after = _read(pointer)
    out = after["outs"][0]
    if origin == IN_PLACE and before and before["outs"][0]["md5"] == out["md5"]:
        origin = before.get("meta", {}).get("origin", origin)
    after["meta"] = {"reader": reader, "origin": origin, "files": out["nfiles"], "bytes": out["size"]}
    fresh = pointer.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        YAML().dump(after, file)
    fresh.replace(pointer)
    return (
        f"{target}: {out['nfiles']} files, {out['size'] / 1e6:.1f} MB, read as {reader}; origin: {origin};"
        f" hash {out['md5']}\nCommit {pointer}; set images.dataset: {name} in params.yaml."
    )


def _read(pointer: Path) -> Any:
    return YAML().load(pointer.read_text(encoding="utf-8"))
