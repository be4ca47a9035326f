"""Captions of a user's own images: ``metadata.csv`` or ``metadata.jsonl``, with the columns file_name and text."""

from __future__ import annotations

import csv
import io
import json
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ganbench.data.captions import split_words
from ganbench.data.files import natural, printable
from ganbench.errors import BenchError

FILE_NAME, TEXT = "file_name", "text"
NAMED = 5
"""File names in a message, at most."""


def read_captions(files: Iterable[tuple[str, bytes]], names: Sequence[str], where: str) -> dict[str, str]:
    """The captions of all images of a set, by path.

    Args:
        files: path and content of each file; ``file_name`` counts from the folder in which the file stands.
        names: paths of all images, joined by ``/``.
        where: the set, for messages.

    Returns:
        Path → caption; empty where there are no files.

    Raises:
        BenchError: a file can't be read, an image has no caption, an empty one or two, or a caption has no image.
    """
    found: dict[str, str] = {}
    twice: list[str] = []
    paths = []
    for path, content in files:
        paths.append(path)
        folder = posixpath.dirname(path)
        for name, text in _rows(content, f"{where}/{path}", path.endswith(".csv")):
            full = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))
            if full in found:
                twice.append(full)
            found[full] = text
    if not paths:
        return {}
    known = set(names)
    _refuse(where, paths, "images without a caption", [name for name in names if name not in found])
    _refuse(where, paths, "images with an empty caption", [name for name in names if not split_words(found[name])])
    _refuse(where, paths, "captions of files that are no images here", [name for name in found if name not in known])
    _refuse(where, paths, "images with more than one caption", list(Counter(twice)))
    return found


def _refuse(where: str, paths: list[str], what: str, names: list[str]) -> None:
    if names:
        raise BenchError(f"{where}: {', '.join(sorted(paths))}: {len(names)} {what}: {listed(names)}")


def listed(names: Iterable[str]) -> str:
    """The first few names in natural order, and how many more there are."""
    ordered = [printable(name) for name in sorted(names, key=natural)]
    more = f" and {len(ordered) - NAMED} more" if len(ordered) > NAMED else ""
    return ", ".join(ordered[:NAMED]) + more


def _rows(content: bytes, where: str, is_csv: bool) -> Iterator[tuple[str, str]]:
    """file_name and text of each row."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BenchError(f"{where}: not UTF-8: {error.reason} at byte {error.start}") from None
    yield from _csv(text, where) if is_csv else _jsonl(text, where)


def _csv(text: str, where: str) -> Iterator[tuple[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = reader.fieldnames or []
        if missing := [name for name in (FILE_NAME, TEXT) if name not in columns]:
            raise BenchError(f"{where}: no column {', '.join(missing)}; it has {', '.join(columns) or 'none'}")
        for row in reader:
            if not row[FILE_NAME]:
                raise BenchError(f"{where}: line {reader.line_num}: no {FILE_NAME}")
            yield row[FILE_NAME], row[TEXT] or ""
    except csv.Error as error:
        raise BenchError(f"{where}: line {reader.line_num}: not CSV: {error}") from None


def _jsonl(text: str, where: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BenchError(f"{where}: line {number}: not JSON: {error}") from None
        values = [row.get(name) for name in (FILE_NAME, TEXT)] if isinstance(row, dict) else []
        match values:
            case [str() as name, str() | None as caption] if name:
                yield name, caption or ""
            case _:
                raise BenchError(f"{where}: line {number}: expected an object with the strings {FILE_NAME} and {TEXT}")
