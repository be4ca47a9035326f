"""What the bench aims at, beside what was measured: met or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from ganbench.bench.tables import number, table

Found = Mapping[str, Mapping[str, Any]]
"""Results by part, as the JSON files have them."""

AMX = "amx_bf16"
WIDTH = 120


@dataclass(frozen=True)
class Goal:
    """A figure to reach.

    Attributes:
        what: is measured.
        aim: the figure.
        unit: of it.
        value: finds it in the results; None where it was not measured.
        more: whether more is better.
        amx: whether the goal is set for a CPU with AMX.
    """

    what: str
    aim: float
    unit: str
    value: Callable[[Found], float | None]
    more: bool = True
    amx: bool = False

    def row(self, found: Found) -> tuple[str, ...] | None:
        """Its row of the table, if it was measured."""
        value = self.value(found)
        if value is None:
            return None
        sign = "≥" if self.more else "≤"
        met = value >= self.aim if self.more else value <= self.aim
        missing = self.amx and AMX not in found["peers"]["machine"]["flags"]
        setting = "a CPU with AMX; this one has none" if missing else "that of its section"
        return (
            self.what,
            f"{sign} {number(self.aim)}{self.unit}",
            f"{number(value)}{self.unit}",
            "met" if met else "missed",
            setting,
        )


VERSUS = ("peers", "translations")
"""Parts that compare with peers."""


def _ratio(workload: str, column: str) -> Callable[[Found], float | None]:
    def value(found: Found) -> float | None:
        results = [one for part in VERSUS for one in found.get(part, {}).get("results", [])]
        ratios = [one["columns"][column]["ratio"]["median"] for one in results if one["workload"].startswith(workload)]
        return min(ratios) if ratios else None

    return value


def _overhead(found: Found) -> float | None:
    results = found.get("overhead", {}).get("results", [])
    return max((one["total"]["median"] for one in results), default=None)


def _warm_overhead(found: Found) -> float | None:
    results = found.get("overhead", {}).get("results", [])
    return max((one["warm"]["total"]["median"] for one in results if one["warm"]), default=None)


def _curves(found: Found) -> float | None:
    return max((100 * one["cpu_share"] for one in found.get("curves", {}).get("results", [])), default=None)


def _no_op(command: str) -> Callable[[Found], float | None]:
    def seconds(found: Found) -> float | None:
        results = found.get("scale", {}).get("results", [])
        named = [one["seconds"] for one in results if one["what"].startswith(f"{command} repro") and one["value"] == 60]
        return named[0] if named else None

    return seconds


def _slowest_metric(found: Found) -> float | None:
    return max((one["ours"]["seconds"] for one in found.get("metrics", {}).get("results", [])), default=None)


def _all_metrics(found: Found) -> float | None:
    return sum(one["ours"]["seconds"] for one in found.get("metrics", {}).get("results", [])) or None


def _largest_metric(found: Found) -> float | None:
    return max((one["ours"]["peak_mb"] / 1024 for one in found.get("metrics", {}).get("results", [])), default=None)


def _metric_ratio(found: Found) -> float | None:
    both = [one for one in found.get("metrics", {}).get("results", []) if "torch_fidelity" in one]
    return min((one["torch_fidelity"]["seconds"] / one["ours"]["seconds"] for one in both), default=None)


GOALS = (
    Goal("PyTorch-GAN's DCGAN at 32 px, end to end", 4, "×", _ratio("DCGAN, 32 px", "end_to_end"), amx=True),
    Goal("PyTorch-GAN's DCGAN at 64 px, end to end", 3, "×", _ratio("DCGAN, 64 px", "end_to_end"), amx=True),
    Goal("PyTorch-GAN's MLP WGAN-GP, end to end", 2.8, "×", _ratio("MLP WGAN-GP", "end_to_end"), amx=True),
    Goal("mimicry's SNGAN at 32 px, end to end", 4, "×", _ratio("SNGAN", "end_to_end"), amx=True),
    Goal("PyTorch-GAN's pix2pix at 256 px, end to end", 2, "×", _ratio("pix2pix", "end_to_end"), amx=True),
    Goal("PyTorch-GAN's CycleGAN at 64 and 128 px, end to end", 2, "×", _ratio("CycleGAN", "end_to_end"), amx=True),
    Goal("any of them, same dtype, tensors ready", 1, "×", _ratio("", "a")),
    Goal("train, sample and evaluate beside the training, cold", 6, " s", _overhead, more=False),
    Goal("the same, with the warm start of `ganbench repro`", 6, " s", _warm_overhead, more=False),
    Goal("learning curves, of the CPU time of their training", 10, " %", _curves, more=False),
    Goal("`dvc repro` of 60 cells with nothing to do", 2, " s", _no_op("dvc"), more=False),
    Goal("the same by `ganbench repro`", 2, " s", _no_op("ganbench"), more=False),
    Goal("the slowest metric of 50,000 images, beyond the features", 120, " s", _slowest_metric, more=False),
    Goal("all of them, one after another", 120, " s", _all_metrics, more=False),
    Goal("memory of the one that takes most", 4, " GiB", _largest_metric, more=False),
    Goal("torch-fidelity's metrics on the same features, the slowest of ours", 1, "×", _metric_ratio),
)


def goals_table(found: Found) -> str:
    """A row for each goal that was measured."""
    rows = [row for goal in GOALS if (row := goal.row(found))]
    return table(("what", "goal", "measured", "", "set for"), rows)


def goals_words(found: Found) -> str:
    """What bounds the figures, as far as it was measured."""
    return "\n\n".join(fill(words, WIDTH) for words in (_peers_words(found), _cell_words(found)) if words)


def _peers_words(found: Found) -> str:
    results = [one for part in ("peers", "translations") for one in found.get(part, {}).get("results", [])]
    shares = [share for one in results if (share := one.get("peer_profile", {}).get("convolutions", 0)) > 0]
    aim = "What the bench aims at, beside the medians below. The speed-ups over peers were set for a CPU with AMX."
    if not shares:
        return aim
    least, most = min(shares), max(shares)
    return (
        f"{aim} Where a peer's step has convolutions, they are {least:.0%} to {most:.0%} of its time; ours runs the "
        "same ones of the same library, and only the rest is ours to save: the column *A could be* below estimates "
        "what is left. Multilayer perceptrons have no such bound."
    )


def _cell_words(found: Found) -> str:
    words = [
        f"With a budget of a few rounds the three stages of `{one['variant']}` take {_cpu(one):.0f} s of CPU; their "
        f"imports alone take {sum(stage['import_seconds'] for stage in one['stages'].values()):.0f} s."
        for one in found.get("overhead", {}).get("results", [])
    ]
    idle = sorted(
        (one["value"], one["seconds"])
        for one in found.get("scale", {}).get("results", [])
        if one["what"].startswith("dvc repro")
    )
    if len(idle) > 1:
        (few, short), (many, long) = idle[0], idle[-1]
        words.append(
            f"From {few} cells to {many}, each cell adds {(long - short) / (many - few):.2f} s to a `dvc repro` that "
            "finds nothing to do."
        )
    return " ".join(words)


def _cpu(one: Mapping[str, Any]) -> float:
    return float(sum(stage["cpu_seconds"]["median"] for stage in one["stages"].values()))
