"""Which files are images, in which order, and how their names are written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ganbench.errors import BenchError

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

METADATA = ("metadata.csv", "metadata.jsonl")


def is_junk(name: str) -> bool:
    """Hidden files and what macOS leaves in archives; `name` is a path of parts joined by ``/``."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def is_image(name: str) -> bool:
    """By extension, in any case; junk is none."""
    return name.lower().endswith(EXTENSIONS) and not is_junk(name)


def is_archive(name: str) -> bool:
    """By extension, in any case; junk is none."""
    return name.lower().endswith(ARCHIVES) and not is_junk(name)


def is_metadata(name: str) -> bool:
    """A file of captions, by its name; junk is none."""
    return name.rpartition("/")[2] in METADATA and not is_junk(name)


def natural(name: str) -> tuple[str, str]:
    """The sort key that puts ``2.png`` before ``10.png``."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), name), name


def walk(root: Path) -> Iterator[str]:
    """Paths of all files below `root`, relative to it, joined by ``/``; folders and files in natural order.

    Links to folders are followed, except those that lead back.

    Raises:
        BenchError: a folder may not be read.
    """
    for folder, _, files in _folders(root):
        for name in sorted(files, key=natural):
            yield (folder / name).relative_to(root).as_posix()


def find(root: Path, *names: str) -> Iterator[Path]:
    """All files and folders below `root`, at any depth, that have one of the names; the first name comes first."""
    for name in names:
        for folder, folders, files in _folders(root):
            if name in files or name in folders:
                yield folder / name


def _folders(root: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    for path, folders, files in os.walk(root, onerror=_refuse, followlinks=True):
        here = Path(path)
        folders[:] = sorted((name for name in folders if not _leads_back(here / name)), key=natural)
        yield here, folders, files


def _refuse(error: OSError) -> None:
    if isinstance(error, PermissionError):
        raise BenchError(f"{error.filename}: {one_line(error)}")


def _leads_back(folder: Path) -> bool:
    """Whether this is a link to a folder on the way to it."""
    return folder.is_symlink() and folder.resolve() in (above.resolve() for above in folder.parents)


def printable(name: str) -> str:
    """A name that can be printed and stored as UTF-8; other bytes are written as ``\\xff``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def one_line(error: BaseException) -> str:
    """What an exception says, without line breaks and addresses in memory."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    said = re.sub(r"<([\w.]+) object at 0x[0-9a-f]+>", r"\1", " ".join(said.split()))
    return printable(said) or type(error).__name__
