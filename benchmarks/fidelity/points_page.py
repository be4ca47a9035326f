"""What docs/results.md says of points: a table a file of benchmarks/results/points_*.json, and the default run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from claims import judged, text_of, value_of
from page import RESULTS_PAGE, spare
from PIL import Image, ImageDraw
from points_protocols import COLUMNS, PROTOCOLS, Protocol

from ganbench.data.points.source import PointSource, open_points
from ganbench.evaluation.points.metrics.modes import expected_high_quality
from ganbench.params import Choice
from ganbench.statistics.interval import mean

SHARE = "_share_"
"""Between a protocol's name and the share of its budget."""
LABEL = 150
"""Pixels left of a strip, for its variant's name."""


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
    lines = [f"### {shown.title}, {_budget(made)}", "", *([shown.words, ""] if shown.words else [])]
    lines += [_circumstances(path.stem, found), ""]
    titles = [column.head for column in COLUMNS]
    lines += [f"| | {' | '.join(titles)} | worst of each | minutes |", f"|---|{'---|' * (len(titles) + 2)}"]
    lines += [_line(f"*{label}*", cells) for label, *cells in shown.published]
    for name, entry in variants.items():
        lines.append(_line(*row(f"`{name}`", list(entry["cells"].values()), minutes(entry))))
    lines.append(_line("*a perfect generator (ceiling)*", ceiling(source, n)))
    for name, label in (("real", "*real points (floor)*"), ("gaussian", "*a Gaussian of the data's moments*")):
        lines.append(_line(*row(label, [{"status": "finished", **found["floor"][name]}])))
    seeds = {name: list(entry["cells"].values()) for name, entry in variants.items()}
    claims = [claim for claim in shown.claims if {claim.winner, claim.loser} <= seeds.keys()]
    if claims:
        lines += ["", *judged(claims, COLUMNS, seeds)]
    return "\n".join([*lines, *_strips(shown, path.with_name(path.stem))])


def source_of(protocol: dict[str, Any]) -> PointSource:
    """The distribution that a run's results name."""
    return open_points(Choice.model_validate(protocol["dataset"]))


def row(label: str, cells: list[dict[str, Any]], took: str = "–") -> tuple[str, list[str]]:
    """A variant's name, with how many seeds diverged, and its cells: means with t intervals, the worst of each metric.

    Args:
        label: the name.
        cells: the metrics of its seeds.
        took: how long its training was.
    """
    done = [cell for cell in cells if cell["status"] == "finished"]
    if len(done) < len(cells):
        label += f" ({len(cells) - len(done)} of {len(cells)} diverged)"
    if not done:
        return label, ["–"] * (len(COLUMNS) + 1) + [took]
    values = {column.metric: _values(done, column.metric) for column in COLUMNS}
    shown = [_text(values[column.metric], column.metric, column.digits) for column in COLUMNS]
    return label, [*shown, worst_of_each(values) if len(done) > 1 else "–", took]


def minutes(entry: dict[str, Any]) -> str:
    """Of the last call's training by the clock; in brackets of CPU time, where it was kept."""
    cpu = entry.get("cpu_seconds_of_this_call")
    return f"{entry['seconds_of_this_call'] / 60:.1f}" + (f" ({cpu / 60:.1f})" if cpu is not None else "")


def worst_of_each(values: dict[str, list[float]]) -> str:
    """Fewest modes, least high quality and largest KL over seeds, which need not be of one seed."""
    return f"{min(values['modes']):.0f} / {100 * min(values['high_quality']):.1f} / {max(values['reverse_kl']):.3f}"


def ceiling(source: PointSource, n: int) -> list[str]:
    """What a generator that draws from the distribution itself is expected to score with n samples.

    All K modes, the share of a Gaussian within 3σ, and a KL of (K − 1) / 2n; distances have no closed form.
    """
    if source.modes is None:
        return ["–"] * (len(COLUMNS) + 2)
    modes = len(source.modes.weights)
    high = 100 * expected_high_quality(source.dim)
    return [f"{modes}", f"{high:.2f}", f"{(modes - 1) / (2 * n):.4f}", *["–"] * (len(COLUMNS) - 1)]


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
    return (
        f"`{command_of(name)}`; {len(made['seeds'])} seeds side by side, means ± half the 95 % t interval, "
        f"batch {made['training']['batch_size']}, {made['evaluate']['samples']:,} samples; {'; '.join(machines)}, "
        f"{threads} thread{'s' if threads > 1 else ''}. *Worst of each*: modes / % high quality / KL, each over all "
        "seeds. *Minutes*: of the last call that trained all seeds, other work beside it; in brackets of CPU time."
    )


def _values(cells: list[dict[str, Any]], metric: str) -> list[float]:
    return [value for cell in cells if (value := value_of(cell, metric)) is not None]


def _text(values: list[float], metric: str, digits: int) -> str:
    scale = 100 if metric == "high_quality" else 1
    return text_of(mean([scale * value for value in values]), digits)


def _line(label: str, cells: Iterable[str]) -> str:
    there = list(cells)
    return f"| {label} | {' | '.join([*there, *['–'] * (len(COLUMNS) + 2 - len(there))])} |"


def _strips(shown: Protocol, folder: Path) -> list[str]:
    """The first seed's samples over training, a strip a variant, where they are kept."""
    there = {variant: path for variant in shown.shown if (path := _progress(folder / variant)) is not None}
    if not there:
        return []
    strips = [Image.open(path).convert("RGB") for path in there.values()]
    size = LABEL + max(strip.width for strip in strips), sum(strip.height for strip in strips)
    sheet = Image.new("RGB", size, "white")
    top, pen = 0, ImageDraw.Draw(sheet)
    for variant, strip in zip(there, strips, strict=True):
        sheet.paste(strip, (LABEL, top))
        pen.text((4, top + strip.height // 2), variant, fill="black", font_size=14)
        top += strip.height
    path = RESULTS_PAGE.with_name(f"results-{folder.name}.png")
    sheet.save(path)
    return ["", f"![{shown.title}]({spare(path).name})", "", shown.caption]


def _progress(variant: Path) -> Path | None:
    """The strip of the first seed."""
    found = sorted(variant.glob("*/progress.*"), key=lambda path: int(path.parent.name))
    return found[0] if found else None
