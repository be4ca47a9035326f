"""Tables of points under a protocol of their own: train, evaluate, keep what is small, and write the tables.

A protocol is a YAML file with sections of params.yaml. Its outputs stand under ``runs/fidelity/<name>/``, the numbers
in ``benchmarks/results/<name>.json``, histories and pictures in the folder beside. A run that was killed goes on from
its last checkpoint with the same command; variants that are done are left alone.
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
from points_matrix import expand
from points_page import default_run, name_of, section
from points_protocols import PROTOCOLS
from run import copy

from ganbench.cell import points_dir

RESULTS = ROOT / "benchmarks" / "results"
RUNS = ROOT / "runs" / "fidelity"
HISTORY = "history.csv"
"""Of every seed's training."""
CURVE = "curve.csv"
"""Of every seed's evaluation, where moments of the training were measured."""
LATENTS = 1_000_000
"""Added to a seed, the seed of the latents by which its modes are counted again."""
DRAWN = ("progress.png", "discriminator.png")
"""Of the first seed's evaluation."""


@click.group()
def main() -> None:
    """Tables of points, each under a protocol of its own."""


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
    params, name = _params(protocol, share), name_of(protocol.stem, share)
    assert params.points is not None
    if unknown := set(names) - params.points.variants.keys():
        allowed = ", ".join(params.points.variants)
        raise click.ClickException(f"{protocol}: points.variants: {', '.join(unknown)}: not there; allowed: {allowed}")
    place, results = RUNS / name, RESULTS / f"{name}.json"
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)
    floor, shared = evaluate_floor(params), {"share": share, "seeds": params.seeds} | _shared(params)
    for variant in names or tuple(params.points.variants):
        declared = params.points.model_dump(mode="json")["variants"][variant]
        if _done(results, variant, declared, shared):
            click.echo(f"{name}: {variant}: done already")
            continue
        began, cpu = time.monotonic(), time.process_time()
        with scratch_of_variant(variant, params) as scratch:
            statuses = train_points(variant, params, scratch)
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu
        found = {str(cell.seed): metrics for cell, metrics in evaluate_points(variant, params).items()}
        entry = {
            "iterations": max(status.iteration for status in statuses),
            "seconds_of_this_call": round(seconds, 1),
            "cpu_seconds_of_this_call": round(cpu_seconds, 1),
            "cells": found,
            "declared": declared,
            **circumstances(ROOT),
        }
        _write(results, variant, entry, floor, {"threads": torch.get_num_threads()} | shared)
        if not PROTOCOLS[protocol.stem].matrix:  # of its hundred pairs the numbers are enough
            keep_variant(place, variant, params.seeds, RESULTS / name)
        click.echo(f"{name}: {variant}: trained in {seconds / 60:.1f} min")


@main.command()
@click.argument("protocol", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--share", default=1.0, show_default=True, help="As `run` was told.")
@click.option("--runs", default=RUNS, show_default=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def keep(protocol: Path, share: float, runs: Path) -> None:
    """Copy histories and pictures of what was run in another checkout, from its folder of RUNS."""
    name = name_of(protocol.stem, share)
    results = RESULTS / f"{name}.json"
    if not results.exists():
        raise click.ClickException(f"{results}: no such file; copy it from the checkout that ran {protocol.name}")
    found = json.loads(results.read_text(encoding="utf-8"))
    for variant in found["variants"]:
        keep_variant(runs / name, variant, found["protocol"]["seeds"], RESULTS / name)


@main.command()
@click.argument("protocol", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--variant", "names", multiple=True, required=True)
@click.option("--share", default=1.0, show_default=True, help="As `run` was told.")
@click.option("--runs", default=RUNS, show_default=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--samples", default=50_000, show_default=True, type=click.IntRange(min=1))
def recount(protocol: Path, names: tuple[str, ...], share: float, runs: Path, samples: int) -> None:
    """Count the modes again by more samples than the protocol's, of latents that no two seeds share.

    Trained players are taken from the folder of RUNS, that of another checkout perhaps.
    """
    from ganbench.cell import Cell
    from ganbench.evaluation.points.metrics.modes import count
    from ganbench.games.tracks import source_of
    from ganbench.outputs import write_json
    from ganbench.sampling import draw_points, load_generator
    from ganbench.training.device import pick_device

    params, name = _params(protocol, share), name_of(protocol.stem, share)
    results, device, modes = RESULTS / f"{name}.json", pick_device(params.device), source_of(params).modes
    if modes is None:
        raise click.ClickException(f"{protocol}: points.dataset: {params.points.dataset.name}: it has no modes")
    if not results.exists():
        raise click.ClickException(f"{results}: no such file; `points.py run` makes it")
    kept = json.loads(results.read_text(encoding="utf-8"))
    declared = params.points.model_dump(mode="json")["variants"]
    for variant in names:
        if variant not in declared or kept["variants"].get(variant, {}).get("declared") != declared[variant]:
            raise click.ClickException(f"{results}: {variant}: no results of what {protocol.name} declares")
    if not (runs / name).is_dir():
        raise click.ClickException(f"{runs / name}: no such folder; allowed: one in which `run` trained")
    os.chdir(runs / name)
    for variant in names:
        found = {}
        for seed in params.seeds:
            generator = load_generator(Cell("points", variant, seed), params, device)
            counted = count(draw_points(generator, samples, LATENTS + seed, device), modes)
            found[str(seed)] = {
                "modes": int((counted.of_mode > 0).sum()),
                "high_quality": counted.high_quality,
                "reverse_kl": counted.reverse_kl,
            }
        kept["variants"][variant]["recounted"] = {"samples": samples, "cells": found}
        click.echo(f"{name}: {variant}: KL at most {max(cell['reverse_kl'] for cell in found.values()):.4f}")
    write_json(results, kept)


def keep_variant(place: Path, variant: str, seeds: list[int], target: Path) -> None:
    """Copy the histories and learning curves of all seeds of a variant, and the pictures of the first.

    Raises:
        ClickException: a seed has no history there.
    """
    outputs = place / points_dir(variant).parent
    for seed in seeds:
        source = outputs / "train" / str(seed) / HISTORY
        if not source.exists():
            raise click.ClickException(f"{source}: no such file; allowed: a folder in which `run` trained {variant}")
        copy(source, target / variant / str(seed) / HISTORY)
        if (curve := outputs / "evaluation" / str(seed) / CURVE).exists():
            copy(curve, target / variant / str(seed) / CURVE)
    for picture in DRAWN:
        copy(outputs / "evaluation" / str(seeds[0]) / picture, target / variant / str(seeds[0]) / picture)


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
    parts = [section(path) for path in sorted(RESULTS.glob("points_*.json"))]
    parts += default_run(ROOT / "results" / "summary.json")
    put(RESULTS_PAGE, "points", "\n\n".join(parts))


def _params(protocol: Path, share: float) -> Any:
    """params.yaml with the protocol's sections in the place of its own.

    Raises:
        BenchError: one line per problem: file, key, value and what is allowed.
    """
    from ganbench.games.tracks import check_tracks
    from ganbench.params import read, validate

    if not 0 < share <= 1:
        raise click.ClickException(f"--share: {share}; allowed: above 0, up to 1")
    params = validate(read(ROOT / "params.yaml") | expand(read(protocol)), protocol)
    if params.points is None:
        raise click.ClickException(f"{protocol}: points: null; allowed: the section of params.yaml")
    points = params.points.model_copy(update={"budget_kpoints": params.points.budget_kpoints * share})
    params = params.model_copy(update={"points": points})
    check_tracks(params)
    return params


def _shared(params: Any) -> dict[str, Any]:
    values: dict[str, Any] = params.points.model_dump(mode="json")
    del values["evaluate"]["curve_samples"]  # of learning curves alone
    return {key: values[key] for key in ("dataset", "budget_kpoints", "training", "evaluate")}


def _write(path: Path, variant: str, entry: dict[str, Any], floor: Any, protocol: dict[str, Any]) -> None:
    from ganbench.outputs import write_json

    there = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"variants": {}}
    write_json(path, {"protocol": protocol, "floor": floor, "variants": there["variants"] | {variant: entry}})


def _done(path: Path, variant: str, declared: dict[str, Any], shared: dict[str, Any]) -> bool:
    """Whether results of this declaration are there.

    Raises:
        ClickException: those that are there are of another protocol.
    """
    if not path.exists():
        return False
    there = json.loads(path.read_text(encoding="utf-8"))
    for key, value in shared.items():
        if there["protocol"][key] != value:
            raise click.ClickException(
                f"{path}: protocol.{key}: {there['protocol'][key]}; allowed: {value}, as declared; "
                "move the file away to begin anew"
            )
    return bool(entry := there["variants"].get(variant)) and entry["declared"] == declared


if __name__ == "__main__":
    main()
