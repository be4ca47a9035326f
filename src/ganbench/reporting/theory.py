"""The theory's section of the page: every statement with what was computed, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ganbench.cell import RESULTS
from ganbench.errors import BenchError
from ganbench.reporting.embed import Picture, drawn
from ganbench.reporting.read import read_json, require

FOLDER = RESULTS / "theory"
COMMAND = "dvc repro theory"


@dataclass(frozen=True)
class Row:
    """A statement, in words; numbers as text."""

    name: str
    computed: str
    exact: str
    tolerance: str
    source: str


@dataclass(frozen=True)
class TheoryChapter:
    """Statements that belong together, and their figures, each with its description."""

    name: str
    title: str
    rows: list[Row]
    figures: list[tuple[Picture, str]]


def chapters() -> list[TheoryChapter]:
    """What the stage `theory` left; nothing where it has not run.

    Raises:
        BenchError: a part of it is missing or damaged, with the command that makes it.
    """
    index = FOLDER / "index.json"
    if not index.exists():
        return []
    try:
        return [_chapter(one) for one in read_json(index, COMMAND)["chapters"]]
    except (KeyError, TypeError) as error:
        raise BenchError(f"{index}: {error}: not what the stage writes; run {COMMAND}") from None


def _chapter(one: dict[str, Any]) -> TheoryChapter:
    rows = [
        Row(
            name=statement["name"].replace("_", " "),
            computed=_number(statement["computed"]),
            exact=f"{'' if statement['relation'] == '=' else statement['relation'] + ' '}{_number(statement['exact'])}",
            tolerance=_number(statement["tolerance"]),
            source=statement["source"],
        )
        for statement in one["statements"]
    ]
    figures = [(_figure(figure["name"]), figure["alt"]) for figure in one["figures"]]
    return TheoryChapter(one["name"], one["title"], rows, figures)


def _figure(name: str) -> Picture:
    light, dark = (require(FOLDER / f"{name}{theme}.png", COMMAND).read_bytes() for theme in ("", "_dark"))
    return drawn(light, dark)


def _number(value: float) -> str:
    """Six digits at most; rounding errors of the order of 1e-15 need two."""
    return f"{value:.6g}" if value == 0 or abs(value) >= 1e-4 else f"{value:.2g}"
