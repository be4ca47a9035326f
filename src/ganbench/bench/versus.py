"""Our trainer against a peer's own loop: the same networks, interleaved in one run, in three columns."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ganbench.bench import mimicry, pytorch_gan, pytorch_gan_translation
from ganbench.bench.breakdown import breakdown
from ganbench.bench.clock import Contestant, Spread, interleave, ratio
from ganbench.bench.effort import Effort
from ganbench.bench.machine import bf16_pays
from ganbench.bench.ours import ReadyStream, Run
from ganbench.bench.paths import d_to_g
from ganbench.bench.rival import Rival
from ganbench.bench.work import gflop, measure_limit

A, B, C, END_TO_END = "a", "b", "c", "end_to_end"
COLUMNS = {
    A: "same networks, batch and dtype, tensors ready",
    B: "the same, each with its own loader",
    C: "each with its own loader, at its best flags",
    END_TO_END: "ours at its best flags, the peer as it comes, each with its own loader",
}


@dataclass(frozen=True)
class Workload:
    """One training of a peer."""

    name: str
    rival: Callable[[], Rival]
    """A new one, with networks of its own."""

    commit: str
    script: str
    convolutional: bool = True
    """Then the compiler has nothing to give on a CPU."""


def pytorch_gan_workloads(root: Path, folder: Path, batch: int, device: torch.device) -> list[Workload]:
    """DCGAN at 32 and 64 pixels, and the WGAN-GP of MLPs at 28."""
    checkout = pytorch_gan.open_checkout(root)

    def workload(game: str, resolution: int) -> Workload:
        script = pytorch_gan.SCRIPTS[game]
        return Workload(
            f"{'DCGAN' if game == 'dcgan' else 'MLP WGAN-GP'}, {resolution} px, batch {batch}",
            lambda: pytorch_gan.PyTorchGAN(checkout.root / script, game, resolution, batch, folder, device),
            checkout.commit,
            script,
            convolutional=game == "dcgan",
        )

    return [workload("dcgan", 32), workload("dcgan", 64), workload("wgan_gp", 28)]


def pytorch_gan_translations(root: Path, folder: Path, device: torch.device) -> list[Workload]:
    """pix2pix and CycleGAN, with batches of one, as the scripts have."""
    checkout = pytorch_gan.open_checkout(root)

    def workload(game: str, resolution: int) -> Workload:
        script = pytorch_gan_translation.SCRIPTS[game]
        path = checkout.root / script
        return Workload(
            f"{'pix2pix' if game == 'pix2pix' else 'CycleGAN'}, {resolution} px, batch 1",
            lambda: pytorch_gan_translation.PyTorchGANTranslation(path, game, resolution, 1, folder, device),
            checkout.commit,
            script,
        )

    return [workload(game, side) for game, sides in pytorch_gan_translation.SIDES.items() for side in sides]


def mimicry_workloads(root: Path, batches: Sequence[int], device: torch.device) -> list[Workload]:
    """SNGAN at 32 pixels."""
    checkout = mimicry.open_checkout(root)
    return [
        Workload(
            f"SNGAN, 32 px, batch {batch}",
            lambda batch=batch: mimicry.Mimicry(checkout.root, batch, device),  # type: ignore[misc]
            checkout.commit,
            mimicry.TRAINER,
        )
        for batch in batches
    ]


@dataclass(frozen=True)
class Entry:
    """A contestant and where it counts."""

    side: str
    """``ours`` or ``peer``."""

    flags: str
    columns: tuple[str, ...]
    contestant: Contestant


def bench_peers(workloads: Sequence[Workload], device: torch.device, effort: Effort) -> list[dict[str, Any]]:
    """Measure workloads one after the other, all contestants of each interleaved."""
    return [_versus(workload, device, effort) for workload in tqdm(workloads, "against peers")]


def _versus(workload: Workload, device: torch.device, effort: Effort) -> dict[str, Any]:
    entries = [*_peers(workload, device), *_ours(workload, device)]
    rates = interleave([entry.contestant for entry in entries], effort.rounds, effort.seconds, device)
    ready = _fastest("ours", A, entries, rates).contestant
    limit = measure_limit(ready.play, ready.images, device, effort.product_seconds)
    theirs = _fastest("peer", A, entries, rates).contestant
    rival = workload.rival()
    return {
        "peer": rival.name,
        "commit": workload.commit,
        "script": workload.script,
        "workload": workload.name,
        "d_to_g": d_to_g(rival.game()),
        "device": str(device),
        "images_per_second": {name: Spread.of(values).record() for name, values in rates.items()},
        "columns": {column: _column(column, entries, rates) for column in COLUMNS},
        "limit": limit.record(statistics.median(rates[ready.name])),
        "peer_gflop_per_image": gflop(theirs.play) / theirs.images,
        "profile": breakdown(ready.play, 2, device),
        "peer_profile": breakdown(theirs.play, 2, device),
    }


def _column(column: str, entries: Sequence[Entry], rates: dict[str, list[float]]) -> dict[str, Any]:
    """The best of each side among those that count in this column."""
    ours, theirs = (_fastest(side, column, entries, rates) for side in ("ours", "peer"))
    return {
        "ratio": ratio(rates[ours.contestant.name], rates[theirs.contestant.name]).record(),
        "ours": ours.flags,
        "peer": theirs.flags,
    }


def _fastest(side: str, column: str, entries: Sequence[Entry], rates: dict[str, list[float]]) -> Entry:
    there = [entry for entry in entries if entry.side == side and column in entry.columns]
    return max(there, key=lambda entry: statistics.median(rates[entry.contestant.name]))


def _peers(workload: Workload, device: torch.device) -> list[Entry]:
    rival, moved = workload.rival(), workload.rival()
    moved.to_channels_last()
    ready, loading, moved_loading = rival.ready(device), rival.loading(), moved.loading()
    plain, layout = "fp32, as it comes", "fp32, channels_last"
    return [
        Entry("peer", plain, (A,), Contestant("peer, tensors ready", lambda: rival.play(ready), rival.images)),
        Entry("peer", plain, (B, C, END_TO_END), Contestant("peer", lambda: rival.play(loading), rival.images)),
        Entry("peer", layout, (C,), Contestant("peer, channels_last", lambda: moved.play(moved_loading), moved.images)),
    ]


def _ours(workload: Workload, device: torch.device) -> list[Entry]:
    def entry(
        name: str,
        columns: tuple[str, ...],
        precision: str = "fp32",
        path: str = "eager",
        memory_format: str = "channels_last",
    ) -> Entry:
        rival = workload.rival()
        stream = rival.stream(device)
        source = ReadyStream(stream) if A in columns else stream
        run = Run(rival.game(), rival.optimizer, source, rival.batch, device, precision, path, memory_format)
        flags = f"{precision}, {memory_format}, {path}"
        return Entry("ours", flags, columns, Contestant(name, run.play, run.images))

    entries = [entry("ours, tensors ready", (A,)), entry("ours", (B, C, END_TO_END))]
    best = (C, END_TO_END)
    if workload.convolutional and device.type == "cpu":
        entries.append(entry("ours, contiguous, tensors ready", (A,), memory_format="contiguous"))
        entries.append(entry("ours, contiguous", (B, *best), memory_format="contiguous"))
    if bf16_pays(device):
        entries.append(entry("ours, bf16", best, "bf16"))
    if device.type == "cuda":
        entries.append(entry("ours, captured", best, path="captured"))
        entries.append(entry("ours, bf16, captured", best, "bf16", "captured"))
    elif not workload.convolutional:
        entries.append(entry("ours, compiled", best, path="compiled"))
        if bf16_pays(device):
            entries.append(entry("ours, bf16, compiled", best, "bf16", "compiled"))
    return entries


def bench_versus(
    pytorch_gan_root: Path | None, mimicry_root: Path | None, device: torch.device, effort: Effort, quick: bool
) -> list[dict[str, Any]]:
    """The workloads noise → image of the peers that were given."""
    with tempfile.TemporaryDirectory() as folder:
        workloads: list[Workload] = []
        if pytorch_gan_root:
            workloads += pytorch_gan_workloads(pytorch_gan_root, Path(folder), 8 if quick else 64, device)
        if mimicry_root:
            workloads += mimicry_workloads(mimicry_root, (2,) if quick else (16, 64), device)
        return bench_peers(workloads, device, effort)


def bench_translations(pytorch_gan_root: Path, device: torch.device, effort: Effort) -> list[dict[str, Any]]:
    """The workloads image → image."""
    with tempfile.TemporaryDirectory() as folder:
        return bench_peers(pytorch_gan_translations(pytorch_gan_root, Path(folder), device), device, effort)
