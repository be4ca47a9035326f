"""What the report shows of the track `translation`."""

from __future__ import annotations

from dataclasses import dataclass

from ganbench.cell import Cell
from ganbench.reporting import curves
from ganbench.reporting.columns import Column
from ganbench.reporting.declared import declared
from ganbench.reporting.embed import Picture, embed
from ganbench.reporting.figures import both
from ganbench.reporting.legend import family, shown
from ganbench.reporting.read import stage
from ganbench.reporting.results import NOT_RUN, TranslationResults
from ganbench.reporting.sections import Seed, progress, seeds

CONTROL = "symmetric"
"""The task with two mappings that are equally right: which one a training finds, the data do not say."""
TOLD = ("cycle", "correct", "l1", "l1_nearer")
"""Families that tell a cycle that closes from an answer that is right."""


@dataclass(frozen=True)
class TranslationSection:
    """A variant: its pictures are those of its first seed that finished."""

    name: str
    yaml: str
    seeds: list[Seed]
    averaged: bool
    both_ways: bool
    losses: Picture | None
    grid: Picture | None
    progress: Picture | None
    errors: list[tuple[str, Picture]]

    @property
    def failed(self) -> int:
        """How many seeds diverged."""
        return sum(seed.failed for seed in self.seeds)

    @property
    def commands(self) -> list[str]:
        """What runs the seeds that have not run."""
        return [str(seed.reason) for seed in self.seeds if seed.status == NOT_RUN]


@dataclass(frozen=True)
class Control:
    """Seed by seed, how well the cycle closes and how near the answer is to the right one."""

    columns: list[Column]
    lines: list[tuple[str, int, list[str]]]


def sections(results: TranslationResults) -> list[TranslationSection]:
    """One a variant, in the order of params.yaml.

    Raises:
        BenchError: a picture is missing, with the command that makes it.
    """
    return [_section(results, variant) for variant in results.variants]


def tables(results: TranslationResults) -> list[tuple[str, list[Column]]]:
    """Titles and columns, a table a direction; the domains of each are the task's."""
    parts = {"From A to B": "_ab_", "From B to A": "_ba_"}
    made = [(title, [Column.of(name) for name in results.metrics if way in name]) for title, way in parts.items()]
    rest = [Column.of(name) for name in results.metrics if not any(way in name for way in parts.values())]
    return [(title, columns) for title, columns in [*made, ("Further metrics", rest)] if columns]


def closes_cycles(results: TranslationResults) -> bool:
    """Whether a cycle error was measured."""
    return any(family(name)[0] == "cycle" for name in results.metrics)


def is_control(results: TranslationResults) -> bool:
    """Whether two mappings are equally right in the data set."""
    return bool(results.declaration.task.name == CONTROL)


def control(results: TranslationResults) -> Control | None:
    """The seeds that close a cycle, one a line; None where none does."""
    cycles = [name for name in results.metrics if family(name)[0] == "cycle"]
    if not cycles:
        return None
    metrics = [name for name in results.metrics if family(name)[0] in TOLD and "_ab_" in name]
    lines = []
    for variant in results.variants:
        done = results.finished(variant)
        if done.empty or any(name not in done or done[name].isna().all() for name in cycles[:1]):
            continue
        for _, row in done.iterrows():
            numbers = ["–" if name not in row or row[name] != row[name] else shown(name, row[name]) for name in metrics]
            lines.append((variant, int(row["seed"]), numbers))
    return Control([Column.of(name) for name in metrics], lines) if lines else None


def _section(results: TranslationResults, variant: str) -> TranslationSection:
    cell, ran = results.shown(variant), results.ran(variant)
    declaration = results.declaration.variants[variant]
    return TranslationSection(
        name=variant,
        yaml=declared(variant, declaration),
        seeds=seeds(results, variant),
        averaged=any(trick.name == "ema" for trick in declaration.tricks),
        both_ways=cell is not None and (cell.samples_dir / "ba.npz").exists(),
        losses=both(lambda theme: curves.terms(results, variant, theme)) if ran else None,
        grid=embed(cell.samples_dir / "grid.png", stage("sample", cell)) if cell else None,
        progress=progress(cell or ran[0], finished=cell is not None) if ran else None,
        errors=_errors(cell) if cell else [],
    )


def _errors(cell: Cell) -> list[tuple[str, Picture]]:
    """By direction, translations from the best to the worst."""
    paths = {"A to B": cell.evaluation_dir / "errors_ab.png", "B to A": cell.evaluation_dir / "errors_ba.png"}
    return [(way, embed(path, stage("evaluate", cell))) for way, path in paths.items() if path.exists()]
