"""results/report.html: one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from ganbench.cell import Cell
from ganbench.reporting import curves, points, scatter, theory, wall
from ganbench.reporting.declared import declared
from ganbench.reporting.embed import Picture, drawn, embed, film, from_image
from ganbench.reporting.legend import ARROWS, HINTS, family, label, shown
from ganbench.reporting.results import Results, stage
from ganbench.reporting.style import DARK, LIGHT, Theme, colour, render
from ganbench.reporting.table import Mean, rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUALITY = ("fid", "kid", "is", "precision", "recall", "density", "coverage")


@dataclass(frozen=True)
class Column:
    """A metric in a table's head."""

    name: str
    label: str
    arrow: str
    hint: str
    meaning: str


@dataclass(frozen=True)
class Seed:
    """How a cell ended."""

    cell: Cell
    failed: bool
    iteration: int
    images: int
    reason: str | None


@dataclass(frozen=True)
class Section:
    """What the page shows of a variant."""

    name: str
    yaml: str
    seeds: list[Seed]
    cell: Cell | None
    averaged: bool
    critic: bool
    losses: Picture
    progress: Picture | None
    samples: Picture | None = None
    interpolation: Picture | None = None
    neighbours_pixel: Picture | None = None
    neighbours_feature: Picture | None = None
    discriminator: Picture | None = None


def page(results: Results) -> str:
    """The report; its bytes are a pure function of the results.

    Raises:
        BenchError: a picture or history of a cell is missing, with the command that makes it.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files("ganbench.reporting").joinpath(name).read_text("utf-8")),
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"breakable": breakable, "thousands": lambda value: f"{value:,}"}
    columns = [_column(name) for name in results.metrics]
    made = rows(results)
    return environment.get_template("report.html").render(
        results=results,
        images=results.params.images,
        meta=results.meta,
        failed=sum(row.failed for row in made),
        tables=[table for table in _tables(columns) if table[1]],
        columns=columns,
        rows=made,
        value=value,
        colours=[(colour(LIGHT, index), colour(DARK, index)) for index in range(len(results.variants))],
        wall=[(strip, from_image(wall.picture(strip.images)) if strip.images is not None else None)
              for strip in wall.strips(results)],
        figures={"quality_diversity": _both(lambda theme: scatter.quality_diversity(results, theme)),
                 "metrics": _both(lambda theme: scatter.strips(results, theme))},
        sections=[section(results, variant) for variant in results.variants],
        theory=theory.chapters(),
        **_of_points(results),
    )  # fmt: skip


def _of_points(results: Results) -> dict[str, Any]:
    """What the section of the track `points` needs."""
    found = results.points
    if found is None:
        return {"points": None}
    return {
        "points": results.params.points,
        "point_columns": [_column(name) for name in found.metrics],
        "point_rows": rows(found),
        "point_colours": [(colour(LIGHT, index), colour(DARK, index)) for index in range(len(found.variants))],
        "gaussian": {name: Mean(found.gaussian[name], None, 1) for name in found.metrics if name in found.gaussian},
        "point_figures": {"wall": _both(lambda theme: points.wall(found, theme)),
                          "metrics": _both(lambda theme: scatter.strips(found, theme))},
        "point_sections": points.sections(found),
    }  # fmt: skip


def section(results: Results, variant: str) -> Section:
    """Everything about one variant: the pictures are those of its first seed that finished."""
    cell = results.shown(variant)
    seeds = [
        Seed(one, row["status"] == "diverged", int(row["iteration"]), int(row["images"]), row["reason"])
        for one, (_, row) in zip(results.cells(variant), results.rows(variant).iterrows(), strict=True)
    ]
    declaration = results.params.images.variants[variant]
    made = Section(
        name=variant,
        yaml=declared(variant, declaration),
        seeds=seeds,
        cell=cell,
        averaged=any(trick.name == "ema" for trick in declaration.tricks),
        critic=curves.is_critic(results.params, variant),
        losses=_both(lambda theme: curves.losses(results, [variant], theme)),
        progress=_progress(cell or results.cells(variant)[0], finished=cell is not None),
    )
    return _with_pictures(made, cell) if cell else made


def value(mean: Mean | None, name: str) -> Markup:
    """A mean with its interval, as the table shows it."""
    if mean is None:
        return Markup('<span class="none">–</span>')
    text = escape(shown(name, mean.value))
    if mean.half is not None:
        text += Markup('<span class="half">±{}</span>').format(shown(name, mean.half))
    return text


def breakable(name: str) -> Markup:
    """A metric's name that may break after each underscore."""
    return Markup("_<wbr>").join(name.split("_"))


def _with_pictures(made: Section, cell: Cell) -> Section:
    samples, evaluation = stage("sample", cell), stage("evaluate", cell)
    return replace(
        made,
        samples=embed(cell.samples_dir / "grid.png", samples),
        interpolation=embed(cell.samples_dir / "interpolation.png", samples),
        neighbours_pixel=embed(cell.evaluation_dir / "neighbours_pixel.png", evaluation),
        neighbours_feature=embed(cell.evaluation_dir / "neighbours_feature.png", evaluation),
        discriminator=embed(cell.evaluation_dir / "discriminator.png", evaluation),
    )


def _progress(cell: Cell, finished: bool) -> Picture | None:
    """The film of the fixed noise; of a run that diverged, the last picture that it drew, if it drew one."""
    pictures = sorted((cell.train_dir / "pictures").glob("*.png"))
    if not finished:
        return embed(pictures[-1], stage("train", cell)) if pictures else None
    still = pictures[-1] if pictures else cell.train_dir / "pictures" / "*.png"
    return film(cell.samples_dir / "progress.gif", still, stage("sample", cell))


def _both(draw: Callable[[Theme], Figure]) -> Picture:
    return drawn(render(LIGHT, draw), render(DARK, draw))


def _column(name: str) -> Column:
    known = family(name)[1]
    return Column(name, label(name), ARROWS[known.better], HINTS[known.better], known.meaning)


def _tables(columns: list[Column]) -> list[tuple[str, list[Column]]]:
    quality = [column for column in columns if family(column.name)[0] in QUALITY]
    rest = [column for column in columns if column not in quality]
    return [("Quality and diversity", quality), ("Memorisation and the discriminator (D)", rest)]
