"""How the page shows where variants stand: by seeds, by rank, in pairs, and at equal generator steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ganbench.reporting.columns import Column
from ganbench.reporting.legend import family, shown
from ganbench.reporting.results import TrackResults
from ganbench.reporting.standing import Scatter, Standing, standings
from ganbench.reporting.table import Row, rows
from ganbench.statistics.comparison import smallest_p
from ganbench.statistics.interval import Mean

LEVEL = 0.05
"""Corrected p-values up to it are marked."""
FIRST = {"images": ("fid",), "points": ("w1", "w2"), "translation": ("l1_nearer", "l1", "fid")}
"""The families whose comparisons the page draws, the first that was measured."""
TINT = 60
"""Per cent of colour in the matrix where all seeds are better, or worse."""


@dataclass(frozen=True)
class Line:
    """A variant's seeds in the main metric, in words."""

    name: str
    mean: Mean | None
    best: str
    median: str
    worst: str
    seeds: str
    sampling: str


@dataclass(frozen=True)
class Pair:
    """A field of the matrix: how often the row's seeds are better, and how it is tinted; empty on the diagonal."""

    text: str
    kind: str
    tint: int
    sure: bool
    p: str


@dataclass(frozen=True)
class Mark:
    """A variant's place on the plot, in per cent of its width from the left: the place, and its interval's ends."""

    name: str
    number: int
    at: float
    left: float
    width: float
    text: str


@dataclass(frozen=True)
class Ranked:
    """What is shown of a track from three seeds on.

    Attributes:
        column: the main metric.
        lines: its seeds, by variant.
        marks: its ranks, best first.
        places: how many there are.
        names: the variants of the matrix, best first.
        matrix: row against column.
        table: of every metric with ranks, by variant, «1 [1–2]».
        left_out: variants that are not compared, for a seed of theirs has not run.
        least_p: the smallest p-value that the test can give.
    """

    column: Column
    lines: list[Line]
    marks: list[Mark]
    places: int
    names: list[str]
    matrix: list[list[Pair]]
    table: list[tuple[Column, dict[str, str]]]
    left_out: list[str]
    least_p: float


@dataclass(frozen=True)
class Group:
    """Variants whose generators took equally many steps."""

    steps: int
    rows: list[Row]


def ranked(results: TrackResults) -> Ranked | None:
    """None below three seeds, or where fewer than two variants can be compared."""
    having = [one for one in standings(results) if one.ranks]
    if not having:
        return None
    by_family = {family(one.metric)[0]: one for one in reversed(having)}
    main = next((by_family[key] for key in FIRST[results.track] if key in by_family), having[0])
    names = sorted(main.ranks, key=lambda name: main.ranks[name].place)
    return Ranked(
        column=Column.of(main.metric),
        lines=[_line(name, main) for name in main.scatter],
        marks=[_mark(name, main, results.variants.index(name)) for name in names],
        places=len(names),
        names=names,
        matrix=[[_pair(main, name, other) for other in names] for name in names],
        table=[(Column.of(one.metric), {name: _place(one, name) for name in one.ranks}) for one in having],
        left_out=[name for name in results.variants if len(results.ran(name)) < len(results.params.seeds)],
        least_p=smallest_p(len(results.params.seeds)),
    )


def groups(results: TrackResults) -> list[Group]:
    """The variants that finished, by the steps that their generators took, most first."""
    made = [row for row in rows(results) if row.steps is not None]
    made.sort(key=lambda row: -(row.steps or 0))
    return [Group(steps or 0, list(members)) for steps, members in groupby(made, key=lambda row: row.steps)]


def main_metric(results: TrackResults) -> Column | None:
    """The metric that stands for the others where there is room for one."""
    by_family = {family(name)[0]: name for name in reversed(results.of_cells)}
    found = next((by_family[key] for key in FIRST[results.track] if key in by_family), None)
    return None if found is None else Column.of(found)


def _line(name: str, one: Standing) -> Line:
    scatter, row = one.scatter[name], one.metric
    return Line(
        name=name,
        mean=scatter.mean,
        best=_text(row, scatter.best),
        median=_text(row, scatter.median, scatter),
        worst=_text(row, scatter.worst, scatter),
        seeds=_text(row, scatter.seeds),
        sampling=_text(row, scatter.sampling),
    )


def _text(metric: str, value: float | None, scatter: Scatter | None = None) -> str:
    if value is None:
        return "failed" if scatter is not None and scatter.failed else "–"
    return shown(metric, value)


def _mark(name: str, one: Standing, number: int) -> Mark:
    rank, last = one.ranks[name], max(len(one.ranks) - 1, 1)
    left, at, right = (100 * (place - 1) / last for place in (rank.low, rank.place, rank.high))
    return Mark(name, number, at, left, right - left, _place(one, name))


def _place(one: Standing, name: str) -> str:
    rank = one.ranks[name]
    return f"{rank.place:g} [{rank.low:g}–{rank.high:g}]"


def _pair(one: Standing, name: str, other: str) -> Pair:
    if name == other:
        return Pair("", "none", 0, sure=False, p="")
    superiority, p = one.compared(name, other)
    kind = "win" if superiority > 0.5 else "lose" if superiority < 0.5 else "none"
    return Pair(f"{superiority:.2f}", kind, round(TINT * abs(2 * superiority - 1)), p <= LEVEL, f"{p:.2g}")
