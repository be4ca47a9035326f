"""`ganbench bench`: measure, write JSON, print tables, draw the page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch

from ganbench.bench.effort import QUICK, Effort
from ganbench.bench.machine import machine
from ganbench.bench.tables import TABLES
from ganbench.errors import BenchError
from ganbench.networks.network import ImageShape
from ganbench.outputs import write_json
from ganbench.params import load
from ganbench.training.device import pick_device

RESULTS = Path("benchmarks/results")
PATHS = ("eager", "compiled", "captured")
PARTS = ("paths", "peers", "translations", "scale", "overhead", "curves", "allocator", "metrics")
PAGE = "page"
"""Not a measurement: the page that shows all of them."""
VARIANTS = ("dcgan", "gan", "wgan_gp")
"""Measured where --variant names none, as far as they are declared; parts that measure one variant take the first."""


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    parts: tuple[str, ...]
    variants: tuple[str, ...]
    device: str
    batch: int | None
    resolution: int | None
    channels: int | None
    precision: str | None
    paths: tuple[str, ...]
    threads: int | None
    rounds: int | None
    seconds: float | None
    pytorch_gan: Path | None
    mimicry: Path | None
    quick: bool
    out: Path
    page: Path


def bench(request: Request) -> None:
    """Measure every part that was asked for; each becomes a JSON file and a table in the terminal.

    Raises:
        BenchError: before any measurement, where the request makes no sense.
    """
    params = load()
    device = pick_device(request.device)
    if request.threads:
        torch.set_num_threads(request.threads)
    effort = _effort(request)
    images = params.images
    shape = ImageShape(request.channels or images.channels, request.resolution or images.resolution)
    batch = request.batch or images.training.batch_size
    variants = request.variants or tuple(name for name in VARIANTS if name in images.variants)
    paths = _paths(request, device)
    parts = _parts(request)
    threads = torch.get_num_threads()

    def measure_paths() -> Any:
        from ganbench.bench.paths import Setting, bench_paths

        setting = Setting(shape, batch, request.precision or images.training.precision, device)
        return bench_paths(params, variants, paths, setting, effort)

    def measure_peers() -> Any:
        from ganbench.bench.versus import bench_versus

        return bench_versus(request.pytorch_gan, request.mimicry, device, effort, request.quick)

    def measure_translations() -> Any:
        from ganbench.bench.versus import bench_translations

        assert request.pytorch_gan is not None
        return bench_translations(request.pytorch_gan, device, effort)

    def measure_scale() -> Any:
        from ganbench.bench.scale import bench_scale

        return bench_scale(variants[0], threads, str(device), effort)

    def measure_overhead() -> Any:
        from ganbench.bench.overhead import bench_overhead

        return [bench_overhead(variants[0], effort)]

    def measure_curves() -> Any:
        from ganbench.bench.curves import bench_curves, first_of_others

        others = () if request.variants else tuple(first_of_others(params))
        return bench_curves((*variants, *others), threads, effort)

    def measure_allocator() -> Any:
        from ganbench.bench.allocator import bench_allocator

        return bench_allocator(request.variants or variants[:1], sorted({1, threads}), batch, effort)

    def measure_metrics() -> Any:
        from ganbench.bench.metrics import bench_metrics

        return bench_metrics(threads, effort)

    measurements: Mapping[str, Callable[[], Any]] = {
        "paths": measure_paths,
        "peers": measure_peers,
        "translations": measure_translations,
        "scale": measure_scale,
        "overhead": measure_overhead,
        "curves": measure_curves,
        "allocator": measure_allocator,
        "metrics": measure_metrics,
    }
    for part in parts:
        if part == PAGE:
            from ganbench.bench.page import write_page

            write_page(request.out, request.page)
            click.echo(f"wrote {request.page}")
            continue
        before, start = machine(device), time.perf_counter()
        results = measurements[part]()
        record = {"machine": before, "effort": vars(effort), "seconds": time.perf_counter() - start, "results": results}
        path = request.out / f"{part}.json"
        write_json(path, json.loads(json.dumps(record)))  # tuples become lists: what is read back is the same
        click.echo("\n\n".join(["", *(draw(results) for draw in TABLES[part]), f"wrote {path}"]))


def _effort(request: Request) -> Effort:
    effort = QUICK if request.quick else Effort()
    changes = {"rounds": request.rounds, "seconds": request.seconds}
    return Effort(**(vars(effort) | {name: value for name, value in changes.items() if value is not None}))


def _paths(request: Request, device: torch.device) -> Sequence[str]:
    if "captured" in request.paths and device.type != "cuda":
        raise BenchError("--path: captured: CUDA graphs need a CUDA device; allowed here: eager, compiled")
    if request.paths:
        return request.paths
    if request.quick:
        return ("eager",)
    return PATHS if device.type == "cuda" else PATHS[:2]


def _parts(request: Request) -> Sequence[str]:
    peers = bool(request.pytorch_gan or request.mimicry)
    if "peers" in request.parts and not peers:
        raise BenchError("peers: nobody to compare with; give --peer-pytorch-gan DIR or --peer-mimicry DIR, a checkout")
    if "translations" in request.parts and not request.pytorch_gan:
        raise BenchError("translations: nobody to compare with; give --peer-pytorch-gan DIR, a checkout")
    if request.pytorch_gan:
        from ganbench.bench.pytorch_gan import open_checkout as look_at_pytorch_gan

        look_at_pytorch_gan(request.pytorch_gan)
    if request.mimicry:
        from ganbench.bench.mimicry import open_checkout as look_at_mimicry

        look_at_mimicry(request.mimicry)
    if request.parts:
        return request.parts
    needs = {"peers": peers, "translations": bool(request.pytorch_gan)}
    measured = tuple(part for part in PARTS if needs.get(part, True))
    return measured if request.quick else (*measured, PAGE)
