"""All experiments with one cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganbench.cell import RESULTS, RUNS, Cell
from ganbench.errors import BenchError
from ganbench.exploration import arithmetic, feature_dropout, representation, walk
from ganbench.exploration.check import KEY
from ganbench.exploration.subject import Experiment, LeftOutError, Subject
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import FILE, Params, unknown
from ganbench.training.outcome import diverged, read_status

EXPERIMENTS: dict[str, Experiment] = {
    "walk": walk.run,
    "arithmetic": arithmetic.run,
    "feature_dropout": feature_dropout.run,
    "representation": representation.run,
}


def exploration_dir(cell: Cell) -> Path:
    """The pictures and the record of an exploration."""
    return RUNS / cell.track / cell.variant / str(cell.seed) / "exploration"


def exploration_metrics(cell: Cell) -> Path:
    """The scores of an exploration, kept in git, beside those of the evaluation."""
    return RESULTS / "exploration" / cell.variant / f"{cell.seed}.json"


def explore_cell(cell: Cell, params: Params) -> dict[str, Any]:
    """Try every experiment with a trained cell; write its pictures and its scores.

    Of a cell that diverged there is the status alone. Experiments that make no sense with the data or with what the
    generator draws are left out, and ``record.json`` says why.

    Returns:
        the scores by name, the status, and by ``left_out.<experiment>`` the reason.

    Raises:
        BenchError: the cell isn't to be explored, or an input is missing or damaged.
    """
    explored = params.images.explore.variants
    if cell.variant not in explored:
        raise BenchError(f"{FILE}: {KEY}: {unknown('variant', cell.variant, explored)}")
    stopped = read_status(cell) if diverged(cell) else None
    scores: dict[str, float] = {}
    left_out: dict[str, str] = {}
    with fresh_directory(exploration_dir(cell)) as folder:
        if stopped is None:
            subject = Subject.load(cell, params)
            for name, experiment in EXPERIMENTS.items():
                try:
                    scores |= experiment(subject, folder)
                except LeftOutError as reason:
                    left_out[name] = str(reason)
            settings = params.images.explore.model_dump(exclude={"variants"})
            write_json(folder / "record.json", {"settings": settings, "scores": scores, "left_out": left_out})
        else:
            write_json(folder / "record.json", stopped)
    status = "finished" if stopped is None else "diverged"
    write_json(exploration_metrics(cell), {"status": status, **scores})
    return {"status": status, **scores, **{f"left_out.{name}": reason for name, reason in left_out.items()}}
