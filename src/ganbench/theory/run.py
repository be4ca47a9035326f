"""Compute all chapters and leave their numbers and figures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tqdm import tqdm

from ganbench.cell import RESULTS
from ganbench.outputs import fresh_directory, write_json
from ganbench.reporting.style import DARK, LIGHT, render
from ganbench.theory.chapters import CHAPTERS
from ganbench.theory.statement import Chapter, check
from ganbench.training.device import seed_everything

SEED = 0
FIGURES = RESULTS / "theory"
METRIC = RESULTS / "theory.json"
DOCS = Path("docs/theory")
COLOURS = 256
"""Of a figure in the docs, which git keeps."""


def write(seed: int = SEED) -> dict[str, Chapter]:
    """Write results/theory.json, the figures of the report and those of docs/theory.md.

    On one thread of the CPU, so that two runs give the same bytes.

    Raises:
        BenchError: a statement fails its tolerance; nothing is written then.
    """
    chapters = compute(seed)
    check(chapters.values())
    with fresh_directory(FIGURES) as report, fresh_directory(DOCS) as docs:
        for chapter in chapters.values():
            for drawing in chapter.drawings:
                light = render(LIGHT, drawing.draw)
                (report / f"{drawing.name}.png").write_bytes(light)
                (report / f"{drawing.name}_dark.png").write_bytes(render(DARK, drawing.draw))
                (docs / f"{drawing.name}.png").write_bytes(small(light))
        write_json(report / "index.json", {"chapters": [_card(name, chapter) for name, chapter in chapters.items()]})
    write_json(METRIC, metric(chapters))
    return chapters


def compute(seed: int) -> dict[str, Chapter]:
    """All chapters; each one begins with the same random state, whatever came before it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        done = {}
        for name, chapter in (bar := tqdm(CHAPTERS.items(), unit="chapter", desc="theory")):
            bar.set_postfix_str(name)
            seed_everything(seed)
            done[name] = chapter(seed)
        return done
    finally:
        torch.set_num_threads(threads)


def metric(chapters: Mapping[str, Chapter]) -> dict[str, Any]:
    """Chapter → statement → computed, relation, exact and tolerance: what `dvc metrics show` and `diff` read."""
    return {
        name: {
            statement.name: {key: getattr(statement, key) for key in ("computed", "relation", "exact", "tolerance")}
            for statement in chapter.statements
        }
        for name, chapter in chapters.items()
    }


def small(png: bytes) -> bytes:
    """The same picture in few colours: a quarter of the bytes."""
    with Image.open(io.BytesIO(png)) as image:
        reduced = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    reduced.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _card(name: str, chapter: Chapter) -> dict[str, Any]:
    """What the report shows of a chapter."""
    return {
        "name": name,
        "title": chapter.title,
        "statements": [vars(statement) for statement in chapter.statements],
        "figures": [{"name": drawing.name, "alt": drawing.alt} for drawing in chapter.drawings],
    }
