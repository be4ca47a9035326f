"""As many trials for each variant: what searches of a project found, and how far the variants then are from each other.

    python benchmarks/fidelity/search.py take PROJECT points    # after `ganbench search points/gan …` and others there
    python benchmarks/fidelity/search.py table

Random trials alone are taken: they might have come in any order, so what fewer of them would have found is known, too.
"""

from __future__ import annotations

import csv
import json
from contextlib import chdir
from dataclasses import asdict
from pathlib import Path
from textwrap import fill
from typing import Any

import click
from circumstances import circumstances
from page import RESULTS_PAGE, ROOT, put, spare

from ganbench.reporting.legend import ARROWS
from ganbench.reporting.style import LIGHT, render
from ganbench.search.orders import SHARE, orders
from ganbench.search.results import Done, Found, draw, read

RESULTS = ROOT / "benchmarks" / "results" / "search"


@click.group()
def main() -> None:
    """Searches, compared at as many trials."""


@main.command()
@click.argument("project", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("track", type=click.Choice(["images", "points", "translation"]))
def take(project: Path, track: str) -> None:
    """Keep the random searches of PROJECT's TRACK, as many trials of each as all of them have."""
    with chdir(project):
        found = [one for one in read(track) if one.sampler == "random"]
    if not found:
        raise click.ClickException(f"{project}: results/search/{track}: no random search")
    alike = {(one.metric, one.budget, one.seed, one.sampler_seed) for one in found}
    if len(alike) > 1:
        raise click.ClickException(f"{project}: {track}: searches that do not compare: {sorted(alike)}")
    count = min(len(one.trials) for one in found)
    kept = [asdict(one) | {"trials": [asdict(trial) for trial in one.trials[:count]]} for one in found]
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{track}.json"
    path.write_text(json.dumps({**circumstances(project), "searches": kept}, indent=1) + "\n", encoding="utf-8")
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["variant", "trial", found[0].metric, "values"])
        for one in kept:
            for trial in one["trials"]:
                value = "diverged" if trial["value"] is None else f"{trial['value']:.6g}"
                writer.writerow([one["variant"], trial["number"], value, json.dumps(trial["values"])])
    click.echo(f"wrote {path.relative_to(ROOT)} and .csv: {len(kept)} variants, {count} trials each")


@main.command()
def table() -> None:
    """Write the tables of docs/results.md, and the pictures beside it."""
    put(RESULTS_PAGE, "search", "\n\n".join(section(path) for path in sorted(RESULTS.glob("*.json"))))


def section(path: Path) -> str:
    """The searches of a track: how they were made, a row a variant, and the picture."""
    made = json.loads(path.read_text(encoding="utf-8"))
    found = [opened(one) for one in made["searches"]]
    picture = RESULTS_PAGE.parent / f"results-search-{path.stem}.png"
    picture.write_bytes(render(LIGHT, lambda theme: draw(found, theme)))
    first = found[0]
    options = f"--trials {len(first.trials)} --sampler random --budget {first.budget:g}"
    lines = [
        f"### {path.stem.capitalize()}",
        "",
        f"`ganbench search {path.stem}/VARIANT {options}` for each of {len(found)} variants; {first.metric} "
        f"{ARROWS[first.better]} after {first.budget:g} thousand real samples, one seed;",
        f"{made['machine']}, torch {made['torch']}, commit {made['commit'][:7]}.",
        "",
        f"| | trials | diverged | best of 1 | best of {len(first.trials)} | the best trial's values |",
        "|---|---|---|---|---|---|",
        *(row(one) for one in sorted(found, key=place)),
        "",
        words(found),
        "",
        f"![Best so far against trials]({spare(picture).name})",
    ]
    return "\n".join(lines)


def opened(record: dict[str, Any]) -> Found:
    """A search as `take` wrote it."""
    return Found(**record | {"trials": [Done(**trial) for trial in record["trials"]]})


def row(one: Found) -> str:
    """Median over all orders and the band, after a trial and after all."""
    among = orders([trial.value for trial in one.trials], one.better)
    shown = [f"{among.median[at]:.3g} ({among.low[at]:.3g}–{among.high[at]:.3g})" for at in (0, -1)]
    best = one.best
    values = "–" if best is None else ", ".join(f"{key} {say(value)}" for key, value in best.values.items())
    lost = sum(trial.value is None for trial in one.trials)
    return f"| `{one.variant}` | {len(one.trials)} | {lost} | {' | '.join(shown)} | {values} |"


def words(found: list[Found]) -> str:
    """How far apart the variants are after a trial, and after all."""
    among = [orders([trial.value for trial in one.trials], one.better) for one in found]
    after = [[one.median[at] for one in among] for at in (0, -1)]
    ratios = [max(values) / min(values) for values in after]
    return fill(
        f"Medians over all orders of the trials; in brackets the middle {SHARE:.0%} of the orders. After one trial the "
        f"worst median is {ratios[0]:.1f} times the best, after {len(found[0].trials)} it is {ratios[1]:.1f} times.",
        120,
    )


def place(one: Found) -> float:
    """Less for a better best trial; infinite where all diverged."""
    value = None if one.best is None else one.best.value
    if value is None:
        return float("inf")
    return -value if one.better == "higher" else value


def say(value: Any) -> str:
    """A drawn value, shortly."""
    return f"{value:.2g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
