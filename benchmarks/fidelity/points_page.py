"""What docs/results.md says of points: a table a file of benchmarks/results/points_*.json, and the default run."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
import points_matrix
from claims import judged, text_of, value_of
from page import RESULTS_PAGE, ROOT, spare
from PIL import Image, ImageDraw
from points_protocols import COLUMNS, PROTOCOLS, Protocol
from ruamel.yaml import YAML
from spreads import spreads
from tables import Column

from ganbench.data.points.source import PointSource, open_points
from ganbench.evaluation.points.metrics.modes import expected_high_quality
from ganbench.params import Choice
from ganbench.statistics.interval import mean

SHARE = "_share_"
"""Between a protocol's name and the share of its budget."""
LABEL, ACROSS = 190, 1200
"""Pixels left of a strip, for its variant's name; at most of strips beside each other."""
MOMENTS = 6
"""Of a training, that are shown."""
MATRIX = ("reverse_kl", "w1")
"""Of a matrix: the metrics of its picture, the last one also that of its table."""
NONE = "–"
"""In a cell of a table."""


def name_of(protocol: str, share: float) -> str:
    """Of a run's results: that of the protocol's file, and the share of the budget if it is not whole."""
    return protocol if share == 1 else f"{protocol}{SHARE}{share:g}"


def command_of(name: str) -> str:
    """The command line that makes the results of this name."""
    protocol, _, share = name.partition(SHARE)
    command = f"python benchmarks/fidelity/points.py run benchmarks/fidelity/{protocol}.yaml"
    return f"{command} --share {share}" if share else command


def section(path: Path) -> str:
    """The heading, how it was made, the table, what it says of the claims, and the picture of a run's results."""
    found = json.loads(path.read_text(encoding="utf-8"))
    shown, made = PROTOCOLS[path.stem.partition(SHARE)[0]], found["protocol"]
    variants: dict[str, Any] = found["variants"]
    source, n = source_of(made), made["evaluate"]["samples"]
    lines = [f"### {shown.title}, {_budget(made)}", "", *([fill(shown.words, 120), ""] if shown.words else [])]
    lines += [_circumstances(path.stem, found), ""]
    if shown.matrix:
        return "\n".join([*lines, *_matrix(shown, path, variants)])
    rows = [(f"*{label}*", cells) for label, *cells in shown.published]
    for name, entry in variants.items():
        rows.append(row(f"`{name}`", list(entry["cells"].values()), minutes(entry)))
    rows.append(("*a perfect generator (ceiling)*", ceiling(source, n)))
    for name, label in (("real", "*real points (floor)*"), ("gaussian", "*a Gaussian of the data's moments*")):
        rows.append(row(label, [{"status": "finished", **found["floor"][name]}]))
    lines += _table(rows)
    seeds = {name: {int(seed): cell for seed, cell in entry["cells"].items()} for name, entry in variants.items()}
    lines += spreads(COLUMNS, seeds)
    lines += courses(path.with_name(path.stem), list(variants), source)
    lines += recounted(variants, source)
    claims = [claim for claim in shown.claims if {claim.winner, claim.loser} <= seeds.keys()]
    if claims:
        lines += ["", *judged(claims, COLUMNS, seeds)]
    folder = path.with_name(path.stem)
    lines += [slope(name, variants[name]["declared"]["objective"]["name"], folder / name)
              for name in shown.slopes if name in variants]  # fmt: skip
    return "\n".join([*lines, *_strips(shown, folder, made["training"]["pictures"] + 1)])


def _matrix(shown: Protocol, path: Path, variants: dict[str, Any]) -> list[str]:
    """The table of a protocol whose variants are pairs, and its picture."""
    yaml = YAML(typ="safe")
    protocol = ROOT / "benchmarks" / "fidelity" / f"{path.stem.partition(SHARE)[0]}.yaml"
    declared = points_matrix.expand(yaml.load(protocol.read_text(encoding="utf-8")))["points"]["variants"]
    cells = {name: list(variants.get(name, {"cells": {}})["cells"].values()) for name in declared}
    columns = [column for column in COLUMNS if column.metric in MATRIX]
    picture = RESULTS_PAGE.with_name(f"results-{path.stem}.png")
    points_matrix.draw(cells, columns, picture)
    return [
        *points_matrix.table(cells, columns[-1]),
        "",
        f"![{shown.title}]({spare(picture).name})",
        "",
        shown.caption,
    ]


def source_of(protocol: dict[str, Any]) -> PointSource:
    """The distribution that a run's results name."""
    return open_points(Choice.model_validate(protocol["dataset"]))


def row(label: str, cells: list[dict[str, Any]], took: str = NONE) -> tuple[str, list[str]]:
    """A variant's name, with how many seeds diverged, and its cells: means with t intervals, the worst of each metric.

    A seed that diverged is the worst of all.

    Args:
        label: the name.
        cells: the metrics of its seeds.
        took: how long its training was.
    """
    done = [cell for cell in cells if cell["status"] == "finished"]
    if len(done) < len(cells):
        label += f" ({len(cells) - len(done)} of {len(cells)} diverged)"
    if not done:
        return label, [NONE] * (len(COLUMNS) + 1) + [took]
    values = {column.metric: _values(done, column) for column in COLUMNS}
    shown = [text_of(mean(of), column.digits) if (of := values[column.metric]) else NONE for column in COLUMNS]
    worst = "diverged" if len(done) < len(cells) else worst_of_each(values) if len(done) > 1 else NONE
    return label, [*shown, worst, took]


def slope(variant: str, objective: str, folder: Path) -> str:
    """How steep the generator's loss was in the scores, from the histories that are kept: 0 to 1, and 0 moves nothing.

    E[log(1 − D)] has the slope D, E[−log D] the slope 1 − D in a score (Goodfellow et al. 2014, section 3); here D is
    that of the mean of the logarithms, and the mean is over the second half of the readings of all seeds.

    Args:
        variant: its name.
        objective: «minimax» or «non_saturating».
        folder: of its seeds.

    Raises:
        KeyError: another objective.
    """
    sign = {"minimax": 1, "non_saturating": -1}[objective]
    means = []
    for path in sorted(folder.glob("*/history.csv")):
        with path.open(encoding="utf-8") as file:
            losses = np.array([float(reading["generator"]) for reading in csv.DictReader(file)])
        means.append(float((1 - np.exp(sign * losses[len(losses) // 2 :])).mean()))
    return (
        f"- `{variant}`: the generator's loss has a slope of {text_of(mean(means), 3)} in the scores, where 1 is all."
    )


def courses(folder: Path, variants: list[str], source: PointSource) -> list[str]:
    """When the reverse KL, as the mean over seeds, was least on the way, and what it was at the end; a line a variant.

    Only of variants whose learning curves are kept and were least before the end, and of distributions with modes. The
    samples of a moment are fewer than those of the table, so a perfect generator's KL is larger: (K − 1) / 2n is said
    beside it.
    """
    lines = []
    for variant in variants:
        curves = [pd.read_csv(path).set_index("images") for path in sorted((folder / variant).glob("*/curve.csv"))]
        if not curves or source.modes is None:
            continue
        metric = next(name for name in curves[0].columns if name.startswith("reverse_kl_"))
        n = int(metric.rsplit("_", 1)[1])
        means = pd.concat([curve[metric] for curve in curves], axis=1).mean(axis=1)
        if means.idxmin() == means.index[-1]:
            continue
        lines.append(
            f"- `{variant}`, reverse KL by {n} samples, mean over seeds: least {means.min():.3f} after "
            f"{means.idxmin() / 1e6:g} million points, {means.iloc[-1]:.3f} at the end; a perfect generator has "
            f"{(len(source.modes.weights) - 1) / (2 * n):.3f}."
        )
    return ["", *lines] if lines else []


def recounted(variants: dict[str, Any], source: PointSource) -> list[str]:
    """What more samples say of the modes; a line a variant that was counted again."""
    lines = []
    for name, entry in variants.items():
        if (again := entry.get("recounted")) is None or source.modes is None:
            continue
        cells, n = list(again["cells"].values()), again["samples"]
        modes, quality, kl = ([cell[key] for cell in cells] for key in ("modes", "high_quality", "reverse_kl"))
        lines.append(
            f"- `{name}` by {n:,} samples a seed: at least {min(modes)} modes and {100 * min(quality):.1f} % of high "
            f"quality, a KL of {min(kl):.4f} to {max(kl):.4f}; a perfect generator has "
            f"{(len(source.modes.weights) - 1) / (2 * n):.4f}."
        )
    return ["", *lines] if lines else []


def minutes(entry: dict[str, Any]) -> str:
    """Of the last call's training by the clock; in brackets of CPU time, where it was kept."""
    cpu = entry.get("cpu_seconds_of_this_call")
    return f"{entry['seconds_of_this_call'] / 60:.1f}" + (f" ({cpu / 60:.1f})" if cpu is not None else "")


def worst_of_each(values: dict[str, list[float]]) -> str:
    """Fewest modes, least high quality and largest KL over seeds, which need not be of one seed; «–» without modes."""
    if not values["modes"]:
        return NONE
    return f"{min(values['modes']):.0f} / {min(values['high_quality']):.1f} / {max(values['reverse_kl']):.3f}"


def ceiling(source: PointSource, n: int) -> list[str]:
    """What a generator that draws from the distribution itself is expected to score with n samples.

    All K modes, the share of a Gaussian within 3σ, and a KL of (K − 1) / 2n; distances have no closed form.
    """
    if source.modes is None:
        return [NONE] * (len(COLUMNS) + 2)
    modes = len(source.modes.weights)
    high = 100 * expected_high_quality(source.dim)
    return [f"{modes}", f"{high:.2f}", f"{(modes - 1) / (2 * n):.4f}", *[NONE] * (len(COLUMNS) - 1)]


def default_run(path: Path) -> list[str]:
    """The variants of params.yaml as the default run left them: one seed, which decides nothing."""
    found = json.loads(path.read_text(encoding="utf-8")).get("points") if path.exists() else None
    if not found:
        return []
    names = [name for name in next(iter(found.values())) if name not in ("seeds", "diverged")]
    lines = ["### The default run", "", "`dvc repro`; `results/summary.json`: one seed, which ranks nothing.", ""]
    lines += [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for variant, values in found.items():
        shown = [f"{values[name]:.4g}" if name in values else "diverged" for name in names]
        lines.append(f"| {variant} | {' | '.join(shown)} |")
    return ["\n".join(lines)]


def _budget(made: dict[str, Any]) -> str:
    points, pool = made["budget_kpoints"] * 1000, made["training"]["pool"]
    return f"{points / pool:g} epochs of {pool:,} points" if pool else f"{points:,.0f} real points"


def _circumstances(name: str, found: dict[str, Any]) -> str:
    made = found["protocol"]
    machines = dict.fromkeys(f"{entry['machine']}, torch {entry['torch']}" for entry in found["variants"].values())
    threads = made["threads"]
    return "\n".join(
        (
            f"`{command_of(name)}`;",
            f"{len(made['seeds'])} seeds side by side, batch {made['training']['batch_size']}, "
            f"{made['evaluate']['samples']:,} samples;",
            f"{'; '.join(machines)}, {threads} thread{'s' if threads > 1 else ''}.",
        )
    )


def _values(cells: list[dict[str, Any]], column: Column) -> list[float]:
    return [value for cell in cells if (value := value_of(cell, column)) is not None]


def _table(rows: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Rows may be short; columns and rows without a value are left out."""
    titles = [*(column.head for column in COLUMNS), "worst of each", "minutes"]
    full = [(label, [*cells, *[NONE] * (len(titles) - len(cells))]) for label, cells in rows]
    there = [index for index in range(len(titles)) if any(cells[index] != NONE for _, cells in full)]
    lines = [f"| | {' | '.join(titles[index] for index in there)} |", f"|---|{'---|' * len(there)}"]
    for label, cells in full:
        if any(cells[index] != NONE for index in there):
            lines.append(f"| {label} | {' | '.join(cells[index] for index in there)} |")
    return lines


def _strips(shown: Protocol, folder: Path, moments: int) -> list[str]:
    """The first seed's samples over training, a strip a variant, where they are kept.

    Args:
        shown: the protocol.
        folder: of its results.
        moments: pictures in a strip that is kept.
    """
    there = {variant: path for variant in shown.shown if (path := _progress(folder / variant)) is not None}
    if not there:
        return []
    strips = [_thinned(Image.open(path).convert("RGB"), moments) for path in there.values()]
    wide, high = LABEL + max(strip.width for strip in strips), max(strip.height for strip in strips)
    down = -(-len(strips) // max(1, ACROSS // wide))
    sheet = Image.new("RGB", (wide * -(-len(strips) // down), high * down), "white")
    pen = ImageDraw.Draw(sheet)
    for place, (variant, strip) in enumerate(zip(there, strips, strict=True)):
        left, top = wide * (place // down), high * (place % down)
        sheet.paste(strip, (left + LABEL, top))
        pen.text((left + 8, top + high // 2), variant, fill="black", font_size=14)
    path = RESULTS_PAGE.with_name(f"results-{folder.name}.png")
    sheet.save(path)
    return ["", f"![{shown.title}]({spare(path).name})", "", shown.caption]


def _thinned(strip: Image.Image, moments: int) -> Image.Image:
    """At most `MOMENTS` of a strip's pictures, in equal steps from the first to the last."""
    wide = strip.width // moments
    kept = np.linspace(0, moments - 1, min(moments, MOMENTS)).round().astype(int)
    thin = Image.new("RGB", (wide * len(kept), strip.height))
    for place, index in enumerate(kept.tolist()):
        thin.paste(strip.crop((wide * index, 0, wide * (index + 1), strip.height)), (wide * place, 0))
    return thin


def _progress(variant: Path) -> Path | None:
    """The strip of the first seed."""
    found = sorted(variant.glob("*/progress.*"), key=lambda path: int(path.parent.name))
    return found[0] if found else None
