"""Archives read front to back, one file at a time, without unpacking to disk."""

from __future__ import annotations

import lzma
import posixpath
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ganbench.data.files import one_line
from ganbench.data.source import Unreadable
from ganbench.errors import BenchError

LARGEST = 256 * 2**20
"""Bytes of a single file; a larger one is no image."""


def names(path: Path, wanted: Callable[[str], bool]) -> Iterator[str]:
    """Paths of the wanted files in a zip or tar archive, in its order, joined by ``/``.

    Raises:
        BenchError: not an archive, or damaged.
    """
    return (name for name, _ in _read(path, wanted, content=False))


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The same with the content of each file.

    Raises:
        BenchError: not an archive, or damaged beyond a single file.
    """
    return _read(path, wanted, content=True)


def tar_members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes | Unreadable]]:
    """`members` of a tar archive."""
    return _tar(path, wanted, content=True)


def _read(path: Path, wanted: Callable[[str], bool], content: bool) -> Iterator[tuple[str, bytes | Unreadable]]:
    return (_zip if path.name.lower().endswith(".zip") else _tar)(path, wanted, content)


def _zip(path: Path, wanted: Callable[[str], bool], content: bool) -> Iterator[tuple[str, bytes | Unreadable]]:
    with open_zip(path) as archive:
        for member in archive.infolist():
            name = _clean(member.filename)
            if not member.is_dir() and wanted(name):
                yield name, (from_zip(archive, member) if content else b"")


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip archive for reading.

    Raises:
        BenchError: not a zip archive, or damaged.
    """
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise BenchError(f"{path}: not a zip archive, or damaged: {one_line(error)}") from None


def from_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | Unreadable:
    """The content of one file."""
    if member.file_size > LARGEST:
        return Unreadable(f"{member.file_size} bytes are too many for an image")
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        return Unreadable(one_line(error))


def _tar(path: Path, wanted: Callable[[str], bool], content: bool) -> Iterator[tuple[str, bytes | Unreadable]]:
    try:
        with tarfile.open(path, "r|*", tarinfo=_Member) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
                name = _clean(member.name)
                if not member.isdir() and wanted(name):
                    yield name, (_from_tar(archive, member) if content else b"")
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise BenchError(f"{path}: not a tar archive, or damaged: {one_line(error)}") from None


def _from_tar(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | Unreadable:
    if member.size > LARGEST:
        return Unreadable(f"{member.size} bytes are too many for an image")
    file = archive.extractfile(member) if member.isreg() else None
    return Unreadable("a link, not a file") if file is None else file.read()


class _Member(tarfile.TarInfo):
    """A header that does not let a damaged archive pass for one that ends there."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> _Member:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"{error}; it ends too early") from None


def _clean(name: str) -> str:
    """``./a/b.png``, and ``a\\b.png`` of old packers on Windows → ``a/b.png``."""
    return posixpath.normpath(name.replace("\\", "/"))
