"""The command `ganbench bench`; what it needs is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

PARTS = ["paths", "peers", "translations", "scale", "overhead", "curves", "allocator", "metrics", "page"]


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--variant", "variants", multiple=True, help="A declared variant; may be given again.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1")
@click.option("--batch", type=click.IntRange(1), help="Images in a batch; as declared unless given.")
@click.option("--resolution", type=click.IntRange(1), help="As declared unless given.")
@click.option("--channels", type=click.Choice(["1", "3"]), help="As declared unless given.")
@click.option("--precision", type=click.Choice(["fp32", "bf16"]), help="As declared unless given.")
@click.option("--path", "paths", multiple=True, type=click.Choice(["eager", "compiled", "captured"]))
@click.option("--threads", type=click.IntRange(1), help="Of torch on a CPU.")
@click.option("--rounds", type=click.IntRange(1), help="Interleaved rounds of a comparison; 8 unless given.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Of each contestant in a round.")
@click.option("--peer-pytorch-gan", "pytorch_gan", type=click.Path(path_type=Path), help="A checkout to compare with.")
@click.option("--peer-mimicry", "mimicry", type=click.Path(path_type=Path), help="A checkout to compare with.")
@click.option("--quick", is_flag=True, help="See that it works; the numbers mean nothing.")
@click.option("--out", default="benchmarks/results", show_default=True, type=click.Path(path_type=Path))
@click.option("--page", default="docs/performance.md", show_default=True, type=click.Path(path_type=Path))
def bench(channels: str | None, **options: Any) -> None:
    """Measure speed, memory and overhead on this machine.

    Without PARTS all are measured: paths (eager, compiled, captured), peers (against checkouts),
    translations (the same, image → image), scale (data, resolution, batch, cells), overhead (of a cell beside its
    training), curves (what they cost beside it), allocator, metrics (beyond the features); and page, which draws
    docs/performance.md from what was measured. Each measurement writes a JSON file to --out.
    """
    from ganbench.bench.command import Request, bench

    bench(Request(channels=int(channels) if channels else None, **options))
