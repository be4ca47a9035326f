"""What the stage `explore` left of a variant: pictures and scores of the experiments of Radford et al. 2016."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.reporting.embed import Picture, embed
from ganbench.reporting.read import read_json
from ganbench.reporting.results import Results

CAPTIONS = {
    "walk": "A closed walk through nine latents. Sudden jumps would hint at memorised images.",
    "arithmetic": "Arithmetic on means of three latents of a concept, beside single ones and pixels.",
    "feature_dropout": "Feature maps that go with enclosed areas, dropped, beside as many random ones.",
    "representation": "Held-out images classified by a linear SVM on the discriminator's features.",
}


@dataclass(frozen=True)
class Experiment:
    """One experiment: its picture and scores, or why it was left out."""

    name: str
    caption: str
    picture: Picture | None
    scores: list[tuple[str, str]]
    left_out: str | None


@dataclass(frozen=True)
class Exploration:
    """What was tried with a cell; `command` runs it where it has not run."""

    cell: Cell
    command: str | None
    experiments: list[Experiment]


def exploration(results: Results, variant: str) -> Exploration | None:
    """The exploration of a variant's first seed that finished; None where none was asked for, or nothing finished.

    Raises:
        BenchError: what is there is damaged.
    """
    cell = results.shown(variant)
    if cell is None or variant not in results.params.images.explore.variants:
        return None
    folder, command = cell.train_dir.with_name("exploration"), f"dvc repro explore@{cell.variant}-{cell.seed}"
    if not folder.exists():
        return Exploration(cell, command, [])
    recorded = read_json(folder / "record.json", command)
    scores, left_out = recorded.get("scores"), recorded.get("left_out")
    if not isinstance(scores, dict) or not isinstance(left_out, dict):
        raise BenchError(f"{folder / 'record.json'}: no scores; run {command}")
    made = [_experiment(name, folder, command, scores, left_out) for name in CAPTIONS]
    return Exploration(cell, None, [one for one in made if one.picture or one.left_out])


def _experiment(name: str, folder: Path, command: str, scores: dict[str, Any], left_out: dict[str, Any]) -> Experiment:
    own = {key.removeprefix(f"{name}_"): value for key, value in scores.items() if key.startswith(f"{name}_")}
    return Experiment(
        name.replace("_", " "),
        CAPTIONS[name],
        embed(folder / f"{name}.png", command) if own else None,
        [(key.replace("_", " "), f"{float(value):.4g}") for key, value in sorted(own.items())],
        left_out.get(name),
    )
