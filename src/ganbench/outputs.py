"""Writing outputs so that nothing half-written is ever seen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def fresh_directory(path: Path) -> Iterator[Path]:
    """An empty directory beside `path` that takes its place when the block ends well, and vanishes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work, old = path.with_name(f".{path.name}.writing"), path.with_name(f".{path.name}.old.writing")
    for left in (work, old):
        shutil.rmtree(left, ignore_errors=True)
    work.mkdir()
    try:
        yield work
        if path.exists():
            path.rename(old)
        work.rename(path)
    finally:
        for left in (work, old):
            shutil.rmtree(left, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole: to another name, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.writing")
    work.write_text(text, encoding="utf-8")
    work.replace(path)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """JSON for people and for `git diff`: sorted keys, floats in full, a newline at the end; NaN is refused."""
    write_text(path, json.dumps(values, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n")
