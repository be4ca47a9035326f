"""Final and best models, and models at equal generator steps, from the courses of the trainings of a track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganbench.cell import Cell
from ganbench.reporting.columns import Column
from ganbench.reporting.course import Course
from ganbench.reporting.legend import shown
from ganbench.reporting.results import TrackResults
from ganbench.reporting.rounding import rounded
from ganbench.statistics.interval import Mean, mean
from ganbench.statistics.moments import at, distance_at
from ganbench.statistics.ranking import RANK_FROM
from ganbench.statistics.worst import oriented


@dataclass(frozen=True)
class Ending:
    """How the trainings of a variant ended, and how good they were at their best.

    Attributes:
        name: the variant.
        seeds: how many have a course.
        failed: how many diverged.
        final: the mean of the final generators, with an interval from three seeds on; None where no seed has a course.
        best: the mean over seeds of each one's best moment, likewise.
        best_images: the real images (or points) shown by then, a number a seed.
        worst: the final generator of the worst seed; None where a seed failed, which is worse than any value.
    """

    name: str
    seeds: int
    failed: int
    final: Mean | None
    best: Mean | None
    best_images: list[int]
    worst: float | None

    @property
    def lost(self) -> float | None:
        """How much worse than the best the final generators are, the mean over seeds."""
        return None if self.final is None or self.best is None else self.final.value - self.best.value

    @property
    def best_kimg(self) -> str:
        """When the best moments were, in thousand images (or points): from the earliest to the latest of the seeds."""
        ends = sorted({min(self.best_images), max(self.best_images)}) if self.best_images else []
        return "–".join(f"{round(images / 1000, 1):g}" for images in ends) or "–"

    def lost_text(self, metric: str) -> str:
        """For the page."""
        return "–" if self.lost is None else shown(metric, self.lost)

    def worst_text(self, metric: str) -> str:
        """For the page."""
        return "failed" if self.failed else "–" if self.worst is None else shown(metric, self.worst)


@dataclass(frozen=True)
class Level:
    """A variant at equal images (or points) and at equal generator steps.

    Attributes:
        name: the variant.
        final: the mean of its final generators.
        steps: that these took; None where no seed has a course.
        at_steps: the mean at the common number of steps; None before the first moment.
        images: real images (or points) shown by then.
    """

    name: str
    final: Mean | None
    steps: int | None
    at_steps: Mean | None
    images: int | None


@dataclass(frozen=True)
class Levels:
    """All variants after the most generator steps that each of them reached."""

    steps: int
    variants: list[Level]


@dataclass(frozen=True)
class Learning:
    """What the page says of the courses.

    Attributes:
        column: the metric that is followed.
        endings: a variant each.
        levels: None where all generators took equally many steps.
        without: variants with seeds that finished, but whose training or evaluation kept no moments.
        moments: how many moments a course has at most.
        start: whether the first of them is before the training.
    """

    column: Column
    endings: list[Ending]
    levels: Levels | None
    without: list[str]
    moments: int
    start: bool


def learning(results: TrackResults) -> Learning | None:
    """None where no cell has a course."""
    if not results.courses:
        return None
    return Learning(
        column=Column.of(metric(results)),
        endings=endings(results),
        levels=levels(results),
        without=[name for name in results.variants if len(courses_of(results, name)) < len(results.finished(name))],
        moments=max(len(course.values) for course in results.courses.values()),
        start=any(course.images[0] == 0 for course in results.courses.values()),
    )


def metric(results: TrackResults) -> str:
    """The metric of all courses, of which there is one at least."""
    return next(iter(results.courses.values())).metric


def endings(results: TrackResults) -> list[Ending]:
    """One a variant, in the order of params.yaml."""
    return [_ending(results, variant) for variant in results.variants]


def levels(results: TrackResults) -> Levels | None:
    """Variants at equal generator steps, by interpolation of logarithms; None where they are equal anyway."""
    reached = {int(course.steps[-1]) for course in results.courses.values()}
    if len(reached) < 2:
        return None
    steps = min(reached)
    return Levels(steps, [_level(results, variant, steps) for variant in results.variants])


def best_means(results: TrackResults) -> dict[str, dict[str, float]]:
    """For results/summary.json: by variant, the mean over seeds of each one's best moment."""
    means = {one.name: one.best for one in endings(results)}
    return {name: {f"best_{metric(results)}": rounded(best.value)} for name, best in means.items() if best is not None}


def plain(results: TrackResults) -> dict[str, Any]:
    """For results/statistics.json, with six significant digits; empty where no cell has a course."""
    if not results.courses:
        return {}
    made: dict[str, Any] = {
        "metric": metric(results),
        "variants": {one.name: _plain(one) for one in endings(results) if one.final is not None},
    }
    if (found := levels(results)) is not None:
        means = {one.name: one.at_steps for one in found.variants if one.steps is not None}
        values = {name: None if one is None else rounded(one.value) for name, one in means.items()}
        made["equal_generator_steps"] = {"steps": found.steps, "variants": values}
    return made


def courses_of(results: TrackResults, variant: str) -> list[Course]:
    """Those of a variant, seed by seed."""
    cells: list[Cell] = results.cells(variant)
    return [results.courses[cell] for cell in cells if cell in results.courses]


def _ending(results: TrackResults, variant: str) -> Ending:
    found = courses_of(results, variant)
    failed = int((results.rows(variant)["status"] == "diverged").sum())
    finals = [course.final for course in found]
    worst = float(oriented(np.array([*finals, *[np.nan] * failed]), "lower").max(initial=-np.inf))
    return Ending(
        name=variant,
        seeds=len(found),
        failed=failed,
        final=_mean(finals),
        best=_mean([float(course.values[course.best]) for course in found]),
        best_images=[int(course.images[course.best]) for course in found],
        worst=worst if np.isfinite(worst) else None,
    )


def _level(results: TrackResults, variant: str, steps: int) -> Level:
    found = courses_of(results, variant)
    there = [value for course in found if (value := distance_at(course.steps, course.values, steps)) is not None]
    images = [value for course in found if (value := at(course.steps, course.images, steps)) is not None]
    return Level(
        name=variant,
        final=_mean([course.final for course in found]),
        steps=max((int(course.steps[-1]) for course in found), default=None),
        at_steps=_mean(there),
        images=round(max(images)) if images else None,
    )


def _mean(values: Sequence[float]) -> Mean | None:
    """With an interval from as many seeds on as are ranked."""
    if not values:
        return None
    made = mean(values)
    return made if made.n >= RANK_FROM else replace(made, half=None)


def _plain(one: Ending) -> dict[str, Any]:
    made: dict[str, Any] = {"seeds": one.seeds, "failed": one.failed}
    for name, centre in (("final", one.final), ("best", one.best)):
        if centre is not None:
            half = centre.half
            ends = (None, None) if half is None else (centre.value - half, centre.value + half)
            made |= {name: centre.value, f"{name}_low": ends[0], f"{name}_high": ends[1]}
    made |= {"worst_seed": one.worst, "lost_since_best": one.lost}
    return {key: rounded(value) if isinstance(value, float) else value for key, value in made.items()} | {
        "best_images": one.best_images
    }
