"""Means and intervals over seeds: results/table.csv and results/summary.json."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ganbench.reporting.results import Results, TrackResults

DIGITS = 6
"""Significant digits in the files."""


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and half the width of its 95 % t interval, None below two seeds."""

    value: float
    half: float | None
    n: int


def mean(values: Sequence[float]) -> Mean:
    """The mean of n ≥ 1 values and its t interval: mean ± t(.975, n−1) · s / √n, s with n−1 in the denominator."""
    n = len(values)
    centre = math.fsum(values) / n
    if n < 2:
        return Mean(centre, None, n)
    from scipy.stats import t

    spread = math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (n - 1))
    return Mean(centre, float(t.ppf(0.975, n - 1)) * spread / math.sqrt(n), n)


@dataclass(frozen=True)
class Row:
    """A variant, or the real images, over its seeds.

    Attributes:
        name: the variant, or «real».
        seeds: declared seeds; 0 for the real images.
        failed_at: the iterations at which seeds diverged; these are in no mean. In a ranking they count as the worst.
        images: real images shown to the discriminator by the seeds that finished, None where none did.
        means: by metric; a metric that no finished seed has is absent.
    """

    name: str
    seeds: int
    failed_at: list[int]
    images: int | None
    means: dict[str, Mean]

    @property
    def failed(self) -> int:
        """How many seeds diverged."""
        return len(self.failed_at)


def rows(results: TrackResults) -> list[Row]:
    """One row a variant in the order of params.yaml, and the floor last."""
    made = []
    for variant in results.variants:
        done = results.finished(variant)
        means = {}
        for metric in results.metrics:
            values = done[metric].dropna().tolist() if metric in done else []
            if values:
                means[metric] = mean(values)
        every = results.rows(variant)
        failed_at = every.loc[every["status"] == "diverged", "iteration"].astype(int).tolist()
        made.append(Row(variant, len(every), failed_at, int(done["images"].max()) if len(done) else None, means))
    floor = {metric: Mean(results.real[metric], None, 1) for metric in results.metrics if metric in results.real}
    return [*made, Row("real", 0, [], None, floor)]


def to_csv(results: Results) -> str:
    """The table: ``track, variant, seeds, failed, failed_at, images``, then of each metric the mean and its interval.

    Numbers have six significant digits. The 95 % t interval is empty for one seed; no mean holds a seed that failed.
    ``failed_at`` lists the iterations at which seeds diverged, ``images`` the real samples that a finished seed saw.
    """
    tracks: list[TrackResults] = [results, *([results.points] if results.points else [])]
    metrics = [metric for track in tracks for metric in track.metrics]
    head = ["track", "variant", "seeds", "failed", "failed_at", "images"]
    head += [f"{metric}{part}" for metric in metrics for part in ("", "_low", "_high")]
    lines = [",".join(head)]
    for track in tracks:
        for row in rows(track):
            at = " ".join(map(str, row.failed_at))
            count = ["", "", ""] if row.name == "real" else [str(row.seeds), str(row.failed), at]
            fields = [track.track, row.name, *count, "" if row.images is None else str(row.images)]
            for metric in metrics:
                fields += _fields(row.means.get(metric))
            lines.append(",".join(fields))
    return "\n".join(lines) + "\n"


def to_summary(results: Results) -> str:
    """Means by variant, the floor and the judge, as JSON that `dvc metrics show` and `diff` lay out well."""
    summary = {
        "images": _by_variant(results),
        "real": _rounded(results.real),
        "judge": _rounded(results.judge),
    }
    if results.points is not None:
        framed = {"real": _rounded(results.points.real), "gaussian": _rounded(results.points.gaussian)}
        summary["points"] = _by_variant(results.points) | framed
    return json.dumps(summary, indent=2, allow_nan=False) + "\n"


def _by_variant(results: TrackResults) -> dict[str, Any]:
    return {
        row.name: {
            **{metric: rounded(value.value) for metric, value in row.means.items()},
            "seeds": row.seeds,
            "diverged": row.failed,
        }
        for row in rows(results)[:-1]
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {metric: rounded(values[metric]) for metric in sorted(values)}


def rounded(value: float) -> float:
    """To six significant digits."""
    return float(f"{value:.{DIGITS}g}")


def _fields(value: Mean | None) -> list[str]:
    """Mean, low, high as CSV fields."""
    if value is None:
        return ["", "", ""]
    if value.half is None:
        return [f"{value.value:.{DIGITS}g}", "", ""]
    return [f"{number:.{DIGITS}g}" for number in (value.value, value.value - value.half, value.value + value.half)]
