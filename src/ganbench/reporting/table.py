"""Means and intervals over seeds: results/table.csv and results/summary.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ganbench.reporting import learning
from ganbench.reporting.results import NOT_RUN, Results, TrackResults
from ganbench.reporting.rounding import DIGITS, rounded
from ganbench.statistics.interval import Mean, mean

HEAD = ["track", "variant", "seeds", "failed", "failed_at", "not_run", "images", "generator_steps"]


@dataclass(frozen=True)
class Row:
    """A variant, or what variants are compared with, over its seeds.

    Attributes:
        name: the variant, or «real», «ceiling», «gaussian», «identity».
        seeds: declared seeds; 0 for what is no variant.
        failed_at: the iterations at which seeds diverged; these are in no mean. In a ranking they count as the worst.
        not_run: seeds that have not run.
        commands: what runs them.
        images: real images shown to the discriminator by the seeds that finished, None where none did.
        steps: steps that their generators took, None also for translations, whose games count otherwise.
        means: by metric; a metric that no finished seed has is absent.
    """

    name: str
    seeds: int = 0
    failed_at: list[int] = field(default_factory=list)
    not_run: int = 0
    commands: list[str] = field(default_factory=list)
    images: int | None = None
    steps: int | None = None
    means: dict[str, Mean] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many seeds diverged."""
        return len(self.failed_at)


def rows(results: TrackResults) -> list[Row]:
    """One row a variant, in the order of params.yaml."""
    return [_row(results, variant) for variant in results.variants]


def references(results: TrackResults) -> list[Row]:
    """What variants are compared with: the floor first."""
    made = []
    for name, values in results.references.items():
        means = {metric: Mean(values[metric], None, 1) for metric in results.metrics if metric in values}
        made.append(Row(name, means=means))
    return made


def generator_steps(results: TrackResults, variant: str, rounds: int) -> int | None:
    """The steps that a variant's generator took in so many rounds; None for games that count otherwise."""
    in_a_round = getattr(results.declaration.variants[variant], "generator_steps", None)
    return None if in_a_round is None else rounds * int(in_a_round)


def to_csv(results: Results) -> str:
    """The table: `HEAD`, then of each metric the mean and its interval; a line a variant of every track.

    Numbers have six significant digits. The 95 % t interval is empty for one seed; no mean holds a seed that failed.
    ``failed_at`` lists the iterations at which seeds diverged, ``images`` the real samples that a finished seed saw.
    Metrics of another track are empty.
    """
    metrics = [metric for track in results.tracks for metric in track.metrics]
    lines = [",".join(HEAD + [f"{metric}{part}" for metric in metrics for part in ("", "_low", "_high")])]
    for track in results.tracks:
        own = set(track.metrics)
        for row in [*rows(track), *references(track)]:
            fields = [track.track, row.name, *_counts(row)]
            for metric in metrics:
                fields += _fields(row.means.get(metric) if metric in own else None)
            lines.append(",".join(fields))
    return "\n".join(lines) + "\n"


def to_summary(results: Results) -> str:
    """Means by variant, the floor and the judge, as JSON that `dvc metrics show` and `diff` lay out well.

    Where moments of trainings were kept, also the mean of each seed's best, ``best_fid_judge_449``.
    """
    images, best = _by_variant(results), learning.best_means(results)
    summary = {
        "images": {name: values | best.get(name, {}) for name, values in images.items()},
        "real": _rounded(results.real),
        "judge": _rounded(results.judge),
    }
    for track in results.tracks[1:]:
        framed = {name: _rounded(values) for name, values in track.references.items()}
        summary[track.track] = _by_variant(track) | framed
    return json.dumps(summary, indent=2, allow_nan=False) + "\n"


def _row(results: TrackResults, variant: str) -> Row:
    every, done = results.rows(variant), results.finished(variant)
    waiting = every.loc[every["status"] == NOT_RUN, "reason"].tolist()
    means = {}
    for metric in results.metrics:
        values = done[metric].dropna().tolist() if metric in done else []
        if values:
            means[metric] = mean(values)
    steps = None if done.empty else generator_steps(results, variant, int(done["iteration"].max()))
    return Row(
        name=variant,
        seeds=len(every),
        failed_at=every.loc[every["status"] == "diverged", "iteration"].astype(int).tolist(),
        not_run=len(waiting),
        commands=list(dict.fromkeys(waiting)),
        images=None if done.empty else int(done["images"].max()),
        steps=steps,
        means=means,
    )


def _counts(row: Row) -> list[str]:
    """The fields of `HEAD` after track and variant."""
    if not row.seeds:
        return [""] * (len(HEAD) - 2)
    at = " ".join(map(str, row.failed_at))
    counted = ["" if value is None else str(value) for value in (row.images, row.steps)]
    return [str(row.seeds), str(row.failed), at, str(row.not_run), *counted]


def _by_variant(results: TrackResults) -> dict[str, Any]:
    return {
        row.name: {
            **{metric: rounded(value.value) for metric, value in row.means.items()},
            "seeds": row.seeds,
            "diverged": row.failed,
            **({"not_run": row.not_run} if row.not_run else {}),
        }
        for row in rows(results)
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {metric: rounded(values[metric]) for metric in sorted(values)}


def _fields(value: Mean | None) -> list[str]:
    """Mean, low, high as CSV fields."""
    if value is None:
        return ["", "", ""]
    if value.half is None:
        return [f"{value.value:.{DIGITS}g}", "", ""]
    return [f"{number:.{DIGITS}g}" for number in (value.value, value.value - value.half, value.value + value.half)]
