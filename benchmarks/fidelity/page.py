"""What stands on a page: tables between two marks, and pictures that are not too large."""

from __future__ import annotations

from pathlib import Path

import click
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LARGE, QUALITY = 100_000, 80
"""Bytes from which on a picture is kept as WebP, and of what quality."""
RESULTS_PAGE = ROOT / "docs" / "results.md"


def put(page: Path, mark: str, text: str) -> None:
    """Replace what stands between ``<!-- mark: begin -->`` and ``<!-- mark: end -->``."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    head, rest = page.read_text(encoding="utf-8").split(begin)
    page.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")
    click.echo(f"wrote {page.relative_to(ROOT)}: {mark}")


def spare(picture: Path) -> Path:
    """Where the repository keeps a PNG file: there, or if that is large, in its place as WebP of a tenth the size."""
    if picture.stat().st_size <= LARGE:
        return picture
    with Image.open(picture) as image:
        image.convert("RGB").save(picture.with_suffix(".webp"), quality=QUALITY, method=6)
    picture.unlink()
    return picture.with_suffix(".webp")
