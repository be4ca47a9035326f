"""Write the tables of README.md and docs/results.md: the default run's from results/, those over several seeds from
what `run.py` keeps under benchmarks/results/.

python benchmarks/fidelity/table.py
"""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import fill
from typing import Any

import click
import numpy as np
import pandas as pd
from claims import Seeds, judged, text_of, value_of
from page import RESULTS_PAGE, ROOT, put, spare
from PIL import Image
from spreads import spreads
from tables import EXPERIMENTS, RUNS, SETTINGS, Column, Run, Setting

from ganbench.params import load
from ganbench.statistics.interval import mean
from ganbench.statistics.moments import distance_at
from ganbench.statistics.ranking import RANK_FROM, ranking
from ganbench.statistics.worst import oriented

RESULTS = ROOT / "benchmarks" / "results"
DEFAULT = ROOT / "results" / "metrics"
GAP = 40
ROWS, ALL_ROWS = 6, 10
"""Of a grid, in a picture of the page."""


@click.command()
def main() -> None:
    """Write the tables."""
    for run in RUNS:
        put(run.page, run.mark, of_default_run(run))
    put(RESULTS_PAGE, "exploration", of_exploration(ROOT / "results" / "exploration"))
    put(RESULTS_PAGE, "fits", of_fits(read(ROOT / "results" / "theory.json")["fitting"]))
    done = [setting for setting in SETTINGS if (RESULTS / setting.name).is_dir()]
    for mark in dict.fromkeys(setting.mark for setting in done):
        put(RESULTS_PAGE, mark, "\n\n".join(section(setting) for setting in done if setting.mark == mark))


def of_default_run(run: Run) -> str:
    """The first seed of each variant."""
    params = load(ROOT / "params.yaml")
    lines = header(run.columns)
    for variant in run.variants or getattr(params, run.track).variants:
        path = DEFAULT / run.track / variant / f"{params.seeds[0]}.json"
        lines.append(row(f"`{variant}`", {0: read(path)}, run.columns))
    lines += [row(label, {0: read(DEFAULT / run.track / f"{name}.json")}, run.columns) for name, label in run.beside]
    return "\n".join(lines)


def of_exploration(folder: Path) -> str:
    """A row for each of the experiments of Radford et al. 2016, with what stands beside its score."""
    params = load(ROOT / "params.yaml")
    found = {name: read(folder / name / f"{params.seeds[0]}.json") for name in params.images.explore.variants}
    lines = ["| | experiment | score | beside it |", "|---|---|---|---|"]
    for name, scores in found.items():
        for what, key, beside in EXPERIMENTS:
            others = ", ".join(f"{label} {scores[other]:.3f}" for label, other in beside)
            lines.append(f"| `{name}` | {what} | {scores[key]:.3f} | {others or '–'} |")
    return "\n".join(lines)


def of_fits(found: dict[str, dict[str, Any]]) -> str:
    """A row a divergence: what the game found, and what quadrature says."""
    quantities = ("mean", "deviation", "divergence")
    names = [key.partition("_under_")[2] for key in found if key.startswith("gaussian_mean_under_")]
    lines = [
        f"| | {' | '.join(f'{what}: game | quadrature' for what in quantities)} |",
        f"|---|{'---|' * 2 * len(quantities)}",
    ]
    for name in names:
        fits = [found[f"gaussian_{what}_under_{name}"] for what in quantities]
        lines.append(f"| {name} | {' | '.join(f'{fit[by]:.3f}' for fit in fits for by in ('computed', 'exact'))} |")
    return "\n".join(lines)


def header(columns: tuple[Column, ...], *more: str) -> list[str]:
    """The two lines above a table's rows."""
    heads = [*(column.head for column in columns), *more]
    return [f"| | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]


def section(setting: Setting) -> str:
    """A heading, how it was made, the table, and what it says of the claims."""
    folder = RESULTS / setting.name
    made = read(folder / "circumstances.json")
    variants = sorted(path.name for path in (folder / setting.track).iterdir() if path.is_dir())
    seeds = {variant: cells(folder / setting.track / variant) for variant in variants}
    count = max(map(len, seeds.values()))
    over = ("one seed, which ranks nothing", "{} seeds, means ± half the 95 % t interval")
    lines = [
        f"### {setting.title}",
        "",
        fill(setting.words, 120),
        "",
        f"`python benchmarks/fidelity/run.py {made['setting']}`; {over[count > 1].format(count)};",
        f"{made['machine']}, torch {made['torch']}, code at commit {made['commit'][:7]}.",
        "",
    ]
    heads, standing = standings(setting, seeds)
    lines += header(setting.columns, *heads)
    for variant in variants:
        lines.append(row(f"`{variant}`", seeds[variant], setting.columns, standing.get(variant, ())))
    empty = ("–",) * len(heads)
    for name, label in setting.beside:
        if (path := folder / setting.track / f"{name}.json").exists():
            lines.append(row(label, {0: read(path)}, setting.columns, empty))
    for label, *there in setting.published:
        missing = ["–"] * (len(setting.columns) - len(there))
        lines.append(f"| *{label}* | {' | '.join([*there, *missing, *empty])} |")
    lines += spreads(setting.columns, seeds)
    lines += learning(folder / setting.track, variants)
    if setting.claims or setting.each:
        lines += ["", *judged(setting.claims, setting.columns, seeds), *seed_by_seed(setting, seeds)]
    if setting.shown:
        path = RESULTS_PAGE.with_name(f"results-{setting.name}.png")
        shown = [folder / setting.track / variant / str(seed) for variant, seed in setting.shown.cells]
        grids = [kept(cell, setting.shown.picture) for cell in shown]
        beside(grids, setting.track).save(path)
        path = spare(path)
        lines += ["", f"![{setting.title}]({path.name})", "", fill(setting.shown.words, 120)]
    return "\n".join(lines)


def kept(cell: Path, picture: str) -> Path:
    """A picture of a cell, large ones are kept as WebP."""
    return next(path for suffix in (".png", ".webp") if (path := cell / f"{picture}{suffix}").exists())


def beside(paths: list[Path], track: str) -> Image.Image:
    """Grids side by side; of translations the first rows."""
    grids = [Image.open(path) for path in paths]
    height, width = min(grid.height for grid in grids), sum(grid.width for grid in grids)
    height = height * ROWS // ALL_ROWS if track == "translation" else height
    sheet = Image.new("RGB", (width + GAP * (len(grids) - 1), height), "white")
    left = 0
    for grid in grids:
        sheet.paste(grid.crop((0, 0, grid.width, height)), (left, 0))
        left += grid.width + GAP
    return sheet


def row(label: str, found: Seeds, columns: tuple[Column, ...], more: tuple[str, ...] = ()) -> str:
    """A line of a table; seeds that diverged are counted beside the name."""
    done = [cell for cell in found.values() if cell.get("status") != "diverged"]
    label += f" ({len(found) - len(done)} of {len(found)} diverged)" if len(done) < len(found) else ""
    shown = [over_seeds([value_of(cell, column) for cell in done], column) for column in columns]
    return f"| {label} | {' | '.join([*shown, *more])} |"


def over_seeds(values: list[float | None], column: Column) -> str:
    """Mean ± half the interval, or a count; a dash where a value is missing."""
    there = [value for value in values if value is not None and np.isfinite(value)]
    if not there or len(there) < len(values):
        return "–"
    if column.shown_as == "count":
        return f"{sum(there):.0f} of {len(there)}" if len(there) > 1 else "–"
    return text_of(mean(there), column.digits)


def standings(setting: Setting, seeds: dict[str, Seeds]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Two columns of what several seeds say: the worst, and the place with its interval by ranks within seeds.

    A seed that diverged is the worst of all. Nothing where seeds are too few to rank, or not the same for all.
    """
    column = next(column for column in setting.columns if column.metric == (setting.by or setting.columns[0].metric))
    shared = set.intersection(*(set(found) for found in seeds.values()))
    if len(shared) < RANK_FROM or any(set(found) != shared for found in seeds.values()):
        return [], {}
    raw = np.array([[value_of(found[seed], column) for seed in sorted(shared)] for found in seeds.values()], float)
    turned = oriented(raw, column.better)
    worst = [
        "diverged" if np.isinf(row.max()) else f"{values[row.argmax()]:.{column.digits}f}"
        for values, row in zip(raw, turned, strict=True)
    ]
    heads = [f"worst {column.title}"]
    if len(seeds) == 1:
        return heads, {name: (one,) for name, one in zip(seeds, worst, strict=True)}
    places = [f"{rank.place:g} ({rank.low:g} to {rank.high:g})" for rank in ranking(turned)]
    cells_of = zip(worst, places, strict=True)
    return [*heads, f"place by {column.title}"], dict(zip(seeds, cells_of, strict=True))


def learning(folder: Path, variants: list[str]) -> list[str]:
    """A table of the learning curves that were measured: at the end, at best, at equal steps; means over seeds."""
    paths = {variant: sorted((folder / variant).glob("*/curve.csv")) for variant in variants}
    curves = {variant: [pd.read_csv(path) for path in there] for variant, there in paths.items() if there}
    if not curves:
        return []
    every = [curve for found in curves.values() for curve in found]
    metric = next(name for name in every[0].columns if name.startswith("fid_"))
    steps = min(int(curve["generator_steps"].iloc[-1]) for curve in every)
    lines = [
        "",
        f"At {max(map(len, every))} moments of the training, by {metric.split('_')[-1]} samples a moment;",
        "the least FID is chosen by looking, which favours it;",
        f"{steps:,} generator steps are what the slowest takes in all, between "
        "moments by interpolation of its logarithm, «–» before the first.",
        "",
        f"| | FID at the end | least FID | at thousand images | FID after {steps:,} generator steps |",
        "|---|---|---|---|---|",
    ]
    for variant, found in curves.items():
        best = [curve.loc[curve[metric].idxmin()] for curve in found]
        there = [distance_at(curve["generator_steps"].to_numpy(), curve[metric].to_numpy(), steps) for curve in found]
        when = sorted({f"{row['images'] / 1000:.0f}" for row in best}, key=int)
        shown = (
            text_of(mean([float(curve[metric].iloc[-1]) for curve in found]), 1),
            text_of(mean([float(row[metric]) for row in best]), 1),
            "–".join(dict.fromkeys([when[0], when[-1]])),
            "–" if None in there else text_of(mean([value for value in there if value is not None]), 1),
        )
        lines.append(f"| `{variant}` | {' | '.join(shown)} |")
    return lines


def seed_by_seed(setting: Setting, seeds: dict[str, Seeds]) -> list[str]:
    """A line a variant, with the values of its seeds in their order."""
    lines = []
    for variant, found in seeds.items() if setting.each else ():
        shown = (
            f"{column.title} {', '.join(over_seeds([value_of(cell, column)], column) for cell in found.values())}"
            for column in setting.each
        )
        lines.append(f"- `{variant}`, seed by seed: {'; '.join(shown)}.")
    return lines


def cells(folder: Path) -> Seeds:
    """The metrics of a variant by seed, in the order of the seeds."""
    return {
        int(path.name): read(path / "metrics.json")
        for path in sorted(folder.iterdir(), key=lambda path: int(path.name))
    }


def read(path: Path) -> dict[str, Any]:
    """A JSON file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
