"""What the page shows of one variant of images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from ganbench.cell import Cell
from ganbench.reporting import curves, explored
from ganbench.reporting.declared import declared
from ganbench.reporting.embed import Picture, embed, film
from ganbench.reporting.explored import Exploration
from ganbench.reporting.figures import both
from ganbench.reporting.read import stage
from ganbench.reporting.results import NOT_RUN, Results, TrackResults

ASKED = {"label": "classes.png", "text": "captions.png"}
"""The picture of what a conditional generator draws when asked, by condition."""


@dataclass(frozen=True)
class Seed:
    """How a cell ended: «finished», «diverged» or «not run», and why, or how to run it."""

    cell: Cell
    status: str
    iteration: int
    images: int
    reason: str | None

    @property
    def failed(self) -> bool:
        """Whether it diverged."""
        return self.status == "diverged"


@dataclass(frozen=True)
class Section:
    """A variant; without pictures where no seed finished, without curves where none has run."""

    name: str
    yaml: str
    seeds: list[Seed]
    cell: Cell | None
    averaged: bool
    critic: bool
    condition: str
    losses: Picture | None = None
    progress: Picture | None = None
    samples: Picture | None = None
    asked: Picture | None = None
    interpolation: Picture | None = None
    neighbours_pixel: Picture | None = None
    neighbours_feature: Picture | None = None
    discriminator: Picture | None = None
    exploration: Exploration | None = None

    @property
    def commands(self) -> list[str]:
        """What runs the seeds that have not run."""
        return list(dict.fromkeys(str(seed.reason) for seed in self.seeds if seed.status == NOT_RUN))


def seeds(results: TrackResults, variant: str) -> list[Seed]:
    """How each cell of a variant ended."""
    made = []
    for cell, (_, row) in zip(results.cells(variant), results.rows(variant).iterrows(), strict=True):
        iteration, images = (0 if pd.isna(row[key]) else int(row[key]) for key in ("iteration", "images"))
        reason = None if pd.isna(row["reason"]) else str(row["reason"])
        made.append(Seed(cell, str(row["status"]), iteration, images, reason))
    return made


def section(results: Results, variant: str) -> Section:
    """Everything about one variant: the pictures are those of its first seed that finished.

    Raises:
        BenchError: a picture or history of a cell that ran is missing or damaged, with the command that makes it.
    """
    cell, ran = results.shown(variant), results.ran(variant)
    declaration = results.params.images.variants[variant]
    made = Section(
        name=variant,
        yaml=declared(variant, declaration),
        seeds=seeds(results, variant),
        cell=cell,
        averaged=any(trick.name == "ema" for trick in declaration.tricks),
        critic=curves.shows_gap(results, variant),
        condition=declaration.condition.name,
        exploration=explored.exploration(results, variant),
    )
    if ran:
        losses = both(lambda theme: curves.losses(results, [variant], theme))
        made = replace(made, losses=losses, progress=progress(cell or ran[0], finished=cell is not None))
    return _with_pictures(made, cell) if cell else made


def progress(cell: Cell, *, finished: bool) -> Picture | None:
    """The film of the fixed noise; of a run that diverged, the last picture that it drew, if it drew one."""
    pictures = sorted((cell.train_dir / "pictures").glob("*.png"))
    if not finished:
        return embed(pictures[-1], stage("train", cell)) if pictures else None
    still = pictures[-1] if pictures else cell.train_dir / "pictures" / "*.png"
    return film(cell.samples_dir / "progress.gif", still, stage("sample", cell))


def _with_pictures(made: Section, cell: Cell) -> Section:
    samples, evaluation = stage("sample", cell), stage("evaluate", cell)
    asked = ASKED.get(made.condition)
    return replace(
        made,
        samples=embed(cell.samples_dir / "grid.png", samples),
        asked=embed(cell.samples_dir / asked, samples) if asked else None,
        interpolation=embed(cell.samples_dir / "interpolation.png", samples),
        neighbours_pixel=embed(cell.evaluation_dir / "neighbours_pixel.png", evaluation),
        neighbours_feature=embed(cell.evaluation_dir / "neighbours_feature.png", evaluation),
        discriminator=embed(cell.evaluation_dir / "discriminator.png", evaluation),
    )
