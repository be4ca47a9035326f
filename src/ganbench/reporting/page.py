"""results/report.html: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import jinja2

from ganbench.reporting import learning, points, ranked, theory, translated, wall
from ganbench.reporting.columns import Column, breakable, conditional, tables, value
from ganbench.reporting.embed import from_image
from ganbench.reporting.figures import Drawing, draw_all
from ganbench.reporting.results import Results, TrackResults
from ganbench.reporting.sections import section
from ganbench.reporting.style import DARK, LIGHT, colour
from ganbench.reporting.table import Row, references, rows

TOLD = {"label": "Told which class to draw", "text": "Told what to draw, in words"}


def page(results: Results, drawings: Mapping[str, Drawing] | None = None) -> str:
    """The report; its bytes are a pure function of the results.

    Args:
        results: what was collected.
        drawings: the figures of all variants, where they are drawn already.

    Raises:
        BenchError: a picture or history of a cell is missing, with the command that makes it.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files("ganbench.reporting").joinpath(name).read_text("utf-8")),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"breakable": breakable, "thousands": lambda value: f"{value:,}"}
    environment.globals |= {"value": value}
    if drawings is None:
        drawings = draw_all(results)
    return environment.get_template("report.html").render(
        results=results,
        images=_of_track(results),
        points=None if results.points is None else _of_points(results),
        translation=None if results.translation is None else _of_translation(results),
        figures={name: drawing.picture for name, drawing in drawings.items() if drawing.dark},
        meta=results.meta,
        tables=tables(results.metrics),
        conditional=_conditional(results),
        wall=[(strip, from_image(wall.picture(strip.images)) if strip.images is not None else None)
              for strip in wall.strips(results)],
        sections=[section(results, variant) for variant in results.variants],
        theory=theory.chapters(),
    )  # fmt: skip


def _of_track(results: TrackResults) -> dict[str, Any]:
    """What every track's section needs."""
    made = rows(results)
    return {
        "name": results.track,
        "declared": results.declaration,
        "seeds": results.params.seeds,
        "rankable": results.rankable,
        "unit": results.unit,
        "variants": results.variants,
        "columns": [Column.of(name) for name in results.metrics],
        "rows": made,
        "references": references(results),
        "colours": {name: (colour(LIGHT, index), colour(DARK, index)) for index, name in enumerate(results.variants)},
        "failed": sum(row.failed for row in made),
        "not_run": sum(row.not_run for row in made),
        "ranked": ranked.ranked(results),
        "groups": ranked.groups(results),
        "main": ranked.main_metric(results),
        "learning": learning.learning(results),
        "real": results.real,
    }


def _of_points(results: Results) -> dict[str, Any]:
    assert results.points is not None
    return _of_track(results.points) | {"sections": points.sections(results.points)}


def _of_translation(results: Results) -> dict[str, Any]:
    found = results.translation
    assert found is not None
    return _of_track(found) | {
        "tables": translated.tables(found),
        "sections": translated.sections(found),
        "closes_cycles": translated.closes_cycles(found),
        "is_control": translated.is_control(found),
        "control": translated.control(found) if translated.is_control(found) else None,
    }


def _conditional(results: Results) -> list[tuple[str, list[Column], list[Row]]]:
    """The tables of generators that are told what to draw: titles, columns and rows, by condition."""
    made = []
    for condition, title in TOLD.items():
        declared = results.params.images.variants
        names = [
            name for name in results.conditional if (declared[name].condition.name == "text") == (condition == "text")
        ]
        if names and (columns := conditional(results.metrics, condition)):
            made.append((title, columns, [row for row in rows(results) if row.name in names]))
    return made
