"""The published tables of points under their own protocol: train, evaluate, and write the table beside them.

A protocol is a YAML file with sections of params.yaml. Its outputs stand under ``runs/fidelity/<name>/``, the numbers
in ``benchmarks/results/<name>.json``. A run that was killed goes on from its last checkpoint with the same command.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import click
from circumstances import circumstances
from page import RESULTS_PAGE, ROOT, put
from ruamel.yaml import YAML

RESULTS = ROOT / "benchmarks" / "results"
FAMILIES = ("modes", "high_quality", "reverse_kl", "w1", "w2")

PUBLISHED = {
    "ring": {
        "GAN": "6.3 ± .5 / 98.2 / .45", "ALI": "6.6 / 97.6 / .36", "PacGAN2": "7.9 / 95.6 / .07",
        "PacGAN4": "7.8 / 95.9 / .07", "VEEGAN (its own paper)": "8 / 52.9 / –",
    },
    "grid": {
        "GAN": "17.3 ± .8 / 94.8 / .70", "ALI": "24.1 / 95.7 / .14", "PacGAN2": "23.8 / 91.3 / .13",
        "PacGAN4": "24.8 / 93.6 / .04", "VEEGAN (its own paper)": "24.6 / 40 / –",
    },
}  # fmt: skip
"""Modes / % of high quality / reverse KL, from Lin et al. 2018, tables 1 and 2, and Srivastava et al. 2017."""


ORDERS = (
    ("clipping the weights is worse than penalising the gradient", "w1", "wgan_gp", "wgan_clip"),
    ("packing serves the modes more evenly than the vanilla game", "reverse_kl", "pacgan", "gan_ns"),
    ("against a strong discriminator the saturating generator stalls", "w1", "gan_ns_strong", "gan_strong"),
)
"""Known orders that the default run should show: what, a metric where lower is better, the better and the worse one."""


@click.group()
def main() -> None:
    """Tables of points under their published protocol."""


@main.command()
@click.argument("protocol", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--variant", "names", multiple=True, help="Only these; by default all of the protocol.")
@click.option("--share", default=1.0, show_default=True, help="Of the budget: 0.1 is a tenth of the epochs.")
@click.option("--threads", default=0, help="Threads of torch; by default one a core.")
def run(protocol: Path, names: tuple[str, ...], share: float, threads: int) -> None:
    """Train and evaluate the variants of PROTOCOL with all its seeds side by side."""
    import torch

    from ganbench.evaluation.points.evaluate import evaluate_floor, evaluate_points
    from ganbench.training.points import scratch_of_variant, train_points

    if threads:
        torch.set_num_threads(threads)
    params, name = _params(protocol, share), _name(protocol, share)
    assert params.points is not None
    place = ROOT / "runs" / "fidelity" / name
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    floor = evaluate_floor(params)
    for variant in names or tuple(params.points.variants):
        began = time.monotonic()
        with scratch_of_variant(variant, params) as scratch:
            statuses = train_points(variant, params, scratch)
        seconds = time.monotonic() - began
        found = {str(cell.seed): metrics for cell, metrics in evaluate_points(variant, params).items()}
        protocol_of = {"share": share, "threads": torch.get_num_threads(), "seeds": params.seeds}
        entry = {
            "iterations": max(status.iteration for status in statuses),
            "seconds_of_this_call": round(seconds, 1),
            "cells": found,
            "declared": params.points.model_dump(mode="json")["variants"][variant],
            **circumstances(ROOT),
        }
        _write(RESULTS / f"{name}.json", variant, entry, floor, protocol_of | _shared(params))
        click.echo(f"{name}: {variant}: {_summary(list(found.values()))}")


@main.command()
@click.argument("protocol", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--variant", "names", multiple=True)
@click.option("--rounds", default=30, show_default=True)
@click.option("--threads", default=0, help="Threads of torch; by default one a core.")
def speed(protocol: Path, names: tuple[str, ...], rounds: int, threads: int) -> None:
    """Measure points a second of the protocol's variants, all seeds side by side and one seed, eager and compiled."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    params = _params(protocol, 1.0)
    assert params.points is not None
    budget, seeds = params.points.budget_kpoints * 1000, params.seeds
    for variant in names or tuple(params.points.variants):
        for path in ("eager", "compiled"):
            rates = [_rate(params, variant, chosen, path, rounds) for chosen in (seeds, seeds[:1])]
            click.echo(
                f"{variant}, {path}: {len(seeds)} seeds: {rates[0]:,.0f} points/s each, 1 seed: {rates[1]:,.0f}; "
                f"{budget:,.0f} points of {len(seeds)} seeds: {budget / rates[0] / 3600:.1f} h"
            )


def _rate(params: Any, variant: str, seeds: list[int], path: str, rounds: int) -> float:
    """Real points a second of each seed, after what is done once."""
    from ganbench.training.points import make_trainer

    training = params.points.training.model_copy(update={"path": path})
    points = params.points.model_copy(update={"training": training})
    trainer, _ = make_trainer(variant, params.model_copy(update={"seeds": seeds, "points": points}))
    for _ in range(5):
        trainer.play_round()
    began = time.perf_counter()
    for _ in range(rounds):
        trainer.play_round()
    return rounds * trainer.game.images_per_round(training.batch_size) / (time.perf_counter() - began)


@main.command()
def table() -> None:
    """Write the tables of docs/results.md from benchmarks/results/points_*.json and results/summary.json."""
    parts = [_table(path) for path in sorted(RESULTS.glob("points_*.json"))]
    parts += _default_run(ROOT / "results" / "summary.json")
    put(RESULTS_PAGE, "points", "\n\n".join(parts))


def _params(protocol: Path, share: float) -> Any:
    """params.yaml with the protocol's sections in the place of its own."""
    from ganbench.games.tracks import check_tracks
    from ganbench.params import Params

    yaml = YAML(typ="safe")
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values |= yaml.load(protocol.read_text(encoding="utf-8"))
    values["points"]["budget_kpoints"] *= share
    params = Params.model_validate(values)
    check_tracks(params)
    return params


def _name(protocol: Path, share: float) -> str:
    return protocol.stem if share == 1 else f"{protocol.stem}_share_{share:g}"


def _shared(params: Any) -> dict[str, Any]:
    values: dict[str, Any] = params.points.model_dump(mode="json")
    return {key: values[key] for key in ("dataset", "budget_kpoints", "training", "evaluate")}


def _write(path: Path, variant: str, entry: dict[str, Any], floor: Any, protocol: dict[str, Any]) -> None:
    from ganbench.outputs import write_json

    there = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"variants": {}}
    write_json(path, {"protocol": protocol, "floor": floor, "variants": there["variants"] | {variant: entry}})


def _summary(cells: list[dict[str, Any]]) -> str:
    """Modes / % of high quality / KL as the papers print them; modes with their standard error."""
    import numpy as np

    done = [cell for cell in cells if cell["status"] == "finished"]
    if not done:
        return "every seed diverged"
    rows = {key: np.array([value for cell in done for name, value in cell.items() if name.startswith(f"{key}_")])
            for key in FAMILIES}  # fmt: skip
    spread = f" ± {rows['modes'].std(ddof=1) / len(done) ** 0.5:.1f}" if len(done) > 1 else ""
    failed = f" ({len(cells) - len(done)} of {len(cells)} seeds diverged)" if len(done) < len(cells) else ""
    means, worst = {key: values.mean() for key, values in rows.items()}, (rows["modes"].min(), rows["reverse_kl"].max())
    return (
        f"{means['modes']:.1f}{spread} / {100 * means['high_quality']:.1f} / {means['reverse_kl']:.3f}"
        f" · W1 {means['w1']:.3f}, W2 {means['w2']:.3f}"
        f" · worst seed {worst[0]:.0f} / {100 * rows['high_quality'].min():.1f} / {worst[1]:.3f}{failed}"
    )


def _table(path: Path) -> str:
    found = json.loads(path.read_text(encoding="utf-8"))
    protocol = found["protocol"]
    data, training = protocol["dataset"]["name"], protocol["training"]
    epochs = protocol["budget_kpoints"] * 1000 / training["pool"]
    any_of = next(iter(found["variants"].values()))
    command = f"python benchmarks/fidelity/points.py run benchmarks/fidelity/points_pacgan_{data}.yaml"
    command += f" --share {protocol['share']:g}" if protocol["share"] != 1 else ""
    lines = [
        f"### {data.capitalize()}, {epochs:g} epochs of {training['pool']:,} points",
        "",
        f"`{command}`; {len(protocol['seeds'])} seeds side by side, batch {training['batch_size']}, "
        f"{protocol['evaluate']['samples']:,} samples; {any_of['machine']}, torch {any_of['torch']}.",
        "",
        "| | modes / % high quality / reverse KL (means over seeds; modes ± standard error) |",
        "|---|---|",
    ]
    lines += [f"| {name}, published (400 epochs) | {value} |" for name, value in PUBLISHED[data].items()]
    lines += [f"| **{name}**, ours | {_summary(list(entry['cells'].values()))} |"
              for name, entry in found["variants"].items()]  # fmt: skip
    for name, label in (("real", "real points (floor)"), ("gaussian", "a Gaussian of the data's moments")):
        lines.append(f"| {label} | {_summary([{'status': 'finished', **found['floor'][name]}])} |")
    return "\n".join(lines)


def _default_run(path: Path) -> list[str]:
    """The variants of params.yaml as the default run left them, and whether the known orders show."""
    found = json.loads(path.read_text(encoding="utf-8")).get("points") if path.exists() else None
    if not found:
        return []
    names = [name for name in next(iter(found.values())) if name not in ("seeds", "diverged")]
    lines = ["### The default run", "", "`dvc repro`; `results/summary.json`, where one seed does not rank.", ""]
    lines += [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for variant, values in found.items():
        shown = [f"{values[name]:.4g}" if name in values else "diverged" for name in names]
        lines.append(f"| {variant} | {' | '.join(shown)} |")
    lines += ["", *(line for order in ORDERS if (line := _order(found, *order)))]
    return ["\n".join(lines)]


def _order(found: dict[str, Any], what: str, key: str, better: str, worse: str) -> str | None:
    """Whether an order shows, with the two numbers."""
    one, other = (_of_family(found.get(name, {}), key) for name in (better, worse))
    if one is None or other is None:
        return None
    verdict = "appears" if one < other else "does not appear"
    return f"- {what.capitalize()}: {verdict} ({key}: {better} {one:.4g}, {worse} {other:.4g})."


def _of_family(values: dict[str, Any], key: str) -> float | None:
    return next((value for name, value in values.items() if name.startswith(f"{key}_")), None)


if __name__ == "__main__":
    main()
