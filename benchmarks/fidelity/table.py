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
from claims import judged, text_of, value_of
from page import RESULTS_PAGE, ROOT, put, spare
from PIL import Image
from tables import RUNS, SETTINGS, Column, Run, Setting

from ganbench.params import load
from ganbench.statistics.interval import mean

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
    put(RESULTS_PAGE, "fits", of_fits(read(ROOT / "results" / "theory.json")["fitting"]))
    done = [setting for setting in SETTINGS if (RESULTS / setting.name).is_dir()]
    put(RESULTS_PAGE, "seeds", "\n\n".join(map(section, done)))


def of_default_run(run: Run) -> str:
    """The first seed of each variant."""
    params = load(ROOT / "params.yaml")
    lines = header(run.columns)
    for variant in run.variants or getattr(params, run.track).variants:
        path = DEFAULT / run.track / variant / f"{params.seeds[0]}.json"
        lines.append(row(f"`{variant}`", [read(path)], run.columns))
    lines += [row(label, [read(DEFAULT / run.track / f"{name}.json")], run.columns) for name, label in run.beside]
    return "\n".join(lines)


def of_fits(found: dict[str, dict[str, float]]) -> str:
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


def header(columns: tuple[Column, ...]) -> list[str]:
    """The two lines above a table's rows."""
    return [f"| | {' | '.join(column.head for column in columns)} |", f"|---|{'---|' * len(columns)}"]


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
        f"{made['machine']}, torch {made['torch']}, commit {made['commit'][:7]}.",
        "",
        *header(setting.columns),
    ]
    for variant in variants:
        lines.append(row(f"`{variant}`", seeds[variant], setting.columns))
    for name, label in setting.beside:
        if (path := folder / setting.track / f"{name}.json").exists():
            lines.append(row(label, [read(path)], setting.columns))
    for label, *there in setting.published:
        missing = ["–"] * (len(setting.columns) - len(there))
        lines.append(f"| *{label}* | {' | '.join([*there, *missing])} |")
    if setting.claims or setting.each:
        lines += ["", *judged(setting.claims, setting.columns, seeds), *seed_by_seed(setting, seeds)]
    if setting.shown:
        words, pictures = setting.shown
        path = RESULTS_PAGE.with_name(f"results-{setting.name}.png")
        grids = [kept(folder / setting.track / variant / str(seed), "grid") for variant, seed in pictures]
        beside(grids, setting.track).save(path)
        path = spare(path)
        lines += ["", f"![{setting.title}]({path.name})", "", fill(words, 120)]
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


def row(label: str, found: list[dict[str, Any]], columns: tuple[Column, ...]) -> str:
    """A line of a table; seeds that diverged are counted beside the name."""
    done = [cell for cell in found if cell.get("status") != "diverged"]
    label += f" ({len(found) - len(done)} of {len(found)} diverged)" if len(done) < len(found) else ""
    shown = [over_seeds([value_of(cell, column.metric) for cell in done], column.digits) for column in columns]
    return f"| {label} | {' | '.join(shown)} |"


def over_seeds(values: list[float | None], digits: int) -> str:
    """Mean ± half the interval; a dash where a value is missing."""
    there = [value for value in values if value is not None and np.isfinite(value)]
    return text_of(mean(there), digits) if there and len(there) == len(values) else "–"


def seed_by_seed(setting: Setting, seeds: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A line a variant, with the values of its seeds in their order."""
    lines = []
    for variant, found in seeds.items() if setting.each else ():
        shown = (
            f"{column.title} {', '.join(over_seeds([value_of(cell, column.metric)], column.digits) for cell in found)}"
            for column in setting.each
        )
        lines.append(f"- `{variant}`, seed by seed: {'; '.join(shown)}.")
    return lines


def cells(folder: Path) -> list[dict[str, Any]]:
    """The metrics of a variant's seeds, in the order of the seeds."""
    return [read(path / "metrics.json") for path in sorted(folder.iterdir(), key=lambda path: int(path.name))]


def read(path: Path) -> dict[str, Any]:
    """A JSON file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
