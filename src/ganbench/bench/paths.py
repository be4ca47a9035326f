"""A declared variant by the paths of the engine: eager, compiled, captured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch._inductor import config as inductor
from tqdm import tqdm

from ganbench.bench.breakdown import breakdown
from ganbench.bench.clock import Contestant, Spread, elapsed, interleave, ratio
from ganbench.bench.effort import Effort
from ganbench.bench.ours import Run, noise_stream, recipe_of
from ganbench.bench.work import measure_limit
from ganbench.games.game import Game
from ganbench.games.generation import generation
from ganbench.networks.network import ImageShape
from ganbench.params import Params


@dataclass(frozen=True)
class Setting:
    """What every variant is measured with."""

    shape: ImageShape
    batch: int
    precision: str
    device: torch.device


def bench_paths(
    params: Params, variants: Sequence[str], paths: Sequence[str], setting: Setting, effort: Effort
) -> list[dict[str, Any]]:
    """Measure variants one after the other, the paths of each interleaved."""
    return [_variant(params, variant, paths, setting, effort) for variant in tqdm(variants, "paths")]


def _variant(params: Params, variant: str, paths: Sequence[str], setting: Setting, effort: Effort) -> dict[str, Any]:
    recipe = recipe_of(params, variant, setting.shape)

    def build(path: str) -> tuple[Run, float]:
        """A trainer on a path, and the seconds until its first round is done."""
        game = generation(recipe, setting.shape)
        stream = noise_stream(setting.shape, setting.batch, setting.device)
        with inductor.patch(force_disable_caches=True):  # else only the first compilation ever would be timed
            start = time.perf_counter()
            run = Run(game, recipe.optimizer, stream, setting.batch, setting.device, setting.precision, path)
            elapsed(run.play, setting.device)
            return run, time.perf_counter() - start

    built = {path: build(path) for path in paths}
    runs = {path: run for path, (run, _) in built.items()}
    eager = runs["eager"] if "eager" in runs else build("eager")[0]
    rates = interleave(
        [Contestant(path, run.play, run.images) for path, run in runs.items()],
        effort.rounds,
        effort.seconds,
        setting.device,
    )
    limit = measure_limit(eager.play, eager.images, setting.device, effort.product_seconds)
    return {
        "variant": variant,
        "resolution": setting.shape.resolution,
        "channels": setting.shape.channels,
        "batch": setting.batch,
        "precision": setting.precision,
        "device": str(setting.device),
        "d_to_g": d_to_g(eager.trainer.game),
        "limit": limit.record(max(map(statistics.median, rates.values()))),
        "profile": breakdown(eager.play, effort.rounds, setting.device),
        "paths": {path: _path(rates[path], rates.get("eager"), built[path][1], runs[path].images) for path in paths},
    }


def _path(rates: list[float], eager: list[float] | None, first: float, images: int) -> dict[str, Any]:
    """What is recorded of a path; `first` are the seconds until its first round was done."""
    spread, a_round = Spread.of(rates), images / statistics.median(rates)
    found: dict[str, Any] = {"images_per_second": spread.record(), "prepare_seconds": max(0.0, first - a_round)}
    if eager is not None and eager is not rates:
        saved = images / statistics.median(eager) - a_round
        found["to_eager"] = ratio(rates, eager).record()
        found["break_even_rounds"] = round(found["prepare_seconds"] / saved) if saved > 0 else None
    return found


def d_to_g(game: Game) -> str:
    """Steps of the discriminators to those of the generators, such as 5:1."""
    steps = {
        name: sum(move.repeats / move.every for move in game.round if move.trains[0].startswith(name))
        for name in ("discriminator", "generator")
    }
    return ":".join(f"{count:g}" for count in steps.values())
