"""Where variants stand: spread, comparisons and ranks, of every metric of a track; results/statistics.json."""

from __future__ import annotations

import itertools
import json
import re
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganbench.reporting import learning
from ganbench.reporting.legend import family
from ganbench.reporting.results import Results, TrackResults
from ganbench.reporting.rounding import rounded
from ganbench.statistics.comparison import Paired, RankSum, holm, paired, rank_sum
from ganbench.statistics.interval import Mean, deviation, mean
from ganbench.statistics.ranking import Rank, ranking
from ganbench.statistics.scatter import between_seeds, share_error, together
from ganbench.statistics.worst import oriented

SHARES = ("precision", "high_quality", "condition_accuracy")
"""Families that are shares among independent samples of one generator: their sampling error is known."""
ERRORS = {"kid": "kid_error"}
"""Families whose sampling error is a metric of its own; KID's has the reference images' share, too: it is too large."""


@dataclass(frozen=True)
class Scatter:
    """A metric of a variant over the seeds that finished.

    Attributes:
        values: of the seeds that finished, in the order of params.yaml.
        failed: seeds that diverged: worse than any.
        seeds: the standard deviation between seeds; None below two.
        sampling: the standard error that another sample of the same generator would have; None where it is not known.
        better: «lower», «higher», or another word where no direction is better.
    """

    values: list[float]
    failed: int
    seeds: float | None
    sampling: float | None
    better: str

    @property
    def mean(self) -> Mean | None:
        """Of the seeds that finished, with its interval; None where none did."""
        return mean(self.values) if self.values else None

    @property
    def training(self) -> float | None:
        """What is left of the deviation between seeds without sampling."""
        return None if self.sampling is None else between_seeds(self.values, self.sampling)

    @property
    def best(self) -> float | None:
        """The best seed's value; None where no direction is better."""
        return self._extreme(best=True)

    @property
    def worst(self) -> float | None:
        """The worst seed's; None where a seed failed, which is worse than any value."""
        return None if self.failed else self._extreme(best=False)

    @property
    def median(self) -> float | None:
        """The median over all seeds that ran, failed ones as the worst; None where that one failed."""
        if self.better not in ("lower", "higher"):
            return None
        signed = oriented(np.array([*self.values, *[np.nan] * self.failed]), self.better)
        middle = statistics.median(signed.tolist())
        return None if not np.isfinite(middle) else middle if self.better == "lower" else -middle

    def _extreme(self, *, best: bool) -> float | None:
        if self.better not in ("lower", "higher") or not self.values:
            return None
        return min(self.values) if best == (self.better == "lower") else max(self.values)


@dataclass(frozen=True)
class Comparison:
    """Two variants in one metric; p-values are also given as corrected for all pairs of the metric."""

    first: str
    second: str
    ranks: RankSum
    ranks_holm: float
    paired: Paired | None
    paired_holm: float | None


@dataclass(frozen=True)
class Standing:
    """All variants in one metric.

    Attributes:
        metric: its name.
        better: «lower», «higher», or another word where no direction is better.
        scatter: by variant.
        ranks: by variant; only of a metric with a direction, from three seeds on, of variants all of whose seeds ran.
        comparisons: of all pairs of these.
    """

    metric: str
    better: str
    scatter: dict[str, Scatter]
    ranks: dict[str, Rank]
    comparisons: list[Comparison]

    def compared(self, first: str, second: str) -> tuple[float, float]:
        """How often a seed of the first is better than one of the second, and the corrected p-value."""
        one = next(pair for pair in self.comparisons if {pair.first, pair.second} == {first, second})
        often = one.ranks.superiority
        return (often if one.first == first else 1 - often), one.ranks_holm


def standings(results: TrackResults) -> list[Standing]:
    """One a metric that a variant has, in the order of the legend."""
    made = [_standing(results, metric) for metric in results.metrics]
    return [one for one in made if one.scatter]


def to_json(results: Results) -> str:
    """results/statistics.json: by track and metric what `Standing` holds, with six significant digits.

    Also ``course``, where moments of trainings were kept: final and best, and all at equal generator steps.
    """
    text: dict[str, dict[str, Any]] = {}
    for track in results.tracks:
        metrics = {one.metric: _plain(one) for one in standings(track)}
        text[track.track] = {"seeds": results.params.seeds, "rankable": track.rankable, "metrics": metrics}
        if course := learning.plain(track):
            text[track.track]["course"] = course
    return json.dumps(text, indent=1, allow_nan=False) + "\n"


def samples_of(metric: str) -> int | None:
    """Of how many samples a metric is, by its name; None where that does not end with it."""
    found = re.search(r"_(\d+)(_k\d+)?$", metric)
    return int(found[1]) if found else None


def _standing(results: TrackResults, metric: str) -> Standing:
    better = family(metric)[1].better
    names = _measured(results, metric)
    scatter = {name: _scatter(results, name, metric, better) for name in names}
    ranks: dict[str, Rank] = {}
    comparisons: list[Comparison] = []
    complete = [name for name in names if len(results.ran(name)) == len(results.params.seeds)]
    if results.rankable and better in ("lower", "higher") and len(complete) > 1:
        values = np.stack([_values(results, name, metric) for name in complete])
        ranks = dict(zip(complete, ranking(oriented(values, better)), strict=True))
        comparisons = _compare(complete, values, better)
    return Standing(metric, better, scatter, ranks, comparisons)


def _measured(results: TrackResults, metric: str) -> list[str]:
    """The variants whose finished seeds have a metric; of a metric that they all have, those too that only failed."""
    finished = {name: results.finished(name) for name in results.variants if results.ran(name)}
    having = {name for name, done in finished.items() if metric in done and len(done) and done[metric].notna().all()}
    failed = {name for name, done in finished.items() if done.empty}
    common = bool(having) and having | failed == set(finished)
    return [name for name in finished if name in having or (common and name in failed)]


def _values(results: TrackResults, variant: str, metric: str) -> NDArray[np.float64]:
    """By seed; NaN where one failed."""
    return results.rows(variant)[metric].to_numpy(np.float64)


def _scatter(results: TrackResults, variant: str, metric: str, better: str) -> Scatter:
    done, rows = results.finished(variant), results.rows(variant)
    values = done[metric].dropna().tolist() if metric in done else []
    failed = int((rows["status"] == "diverged").sum())
    return Scatter(values, failed, deviation(values), _sampling(done, metric, values), better)


def _sampling(done: pd.DataFrame, metric: str, values: list[float]) -> float | None:
    """The sampling error of one seed: that of a share, or one that was measured."""
    key = family(metric)[0]
    if key in SHARES and values and (n := samples_of(metric)):
        return together([share_error(value, n) for value in values])
    measured = ERRORS[key] + metric.removeprefix(key) if key in ERRORS else None
    errors = done[measured].dropna().tolist() if measured in done else []
    return together(errors) if errors else None


def _compare(names: list[str], values: NDArray[np.float64], better: str) -> list[Comparison]:
    pairs = list(itertools.combinations(range(len(names)), 2))
    lower = oriented(values, better)
    ranks = [rank_sum(lower[one], lower[other]) for one, other in pairs]
    differences = [paired(values[one], values[other]) for one, other in pairs]
    corrected = holm([one.p for one in ranks])
    known = holm([one.p for one in differences if one is not None])
    again = iter(known)
    return [
        Comparison(names[one], names[other], rank, by_rank, difference, None if difference is None else next(again))
        for (one, other), rank, by_rank, difference in zip(pairs, ranks, corrected, differences, strict=True)
    ]


def _plain(one: Standing) -> dict[str, Any]:
    variants = {name: _of_variant(scatter, one.ranks.get(name)) for name, scatter in one.scatter.items()}
    made: dict[str, Any] = {"better": one.better or None, "variants": variants}
    if one.comparisons:
        made["comparisons"] = [_of_pair(pair) for pair in one.comparisons]
    return made


def _of_variant(scatter: Scatter, rank: Rank | None) -> dict[str, Any]:
    centre = scatter.mean
    half = None if centre is None else centre.half
    made = {
        "seeds": len(scatter.values),
        "failed": scatter.failed,
        "mean": None if centre is None else centre.value,
        "low": None if centre is None or half is None else centre.value - half,
        "high": None if centre is None or half is None else centre.value + half,
        "best": scatter.best,
        "worst": scatter.worst,
        "median": scatter.median,
        "deviation_between_seeds": scatter.seeds,
        "sampling_error": scatter.sampling,
        "deviation_of_trainings": scatter.training,
    }
    if rank is not None:
        made |= {"place": rank.place, "place_low": rank.low, "place_high": rank.high, "mean_rank": rank.mean_rank}
    return {key: rounded(value) if isinstance(value, float) else value for key, value in made.items()}


def _of_pair(pair: Comparison) -> dict[str, Any]:
    made: dict[str, Any] = {
        "first": pair.first,
        "second": pair.second,
        "superiority": pair.ranks.superiority,
        "p": pair.ranks.p,
        "p_holm": pair.ranks_holm,
    }
    if pair.paired is not None:
        half = pair.paired.difference.half or 0.0
        made |= {"difference": pair.paired.difference.value, "half": half, "p_paired": pair.paired.p,
                 "p_paired_holm": pair.paired_holm}  # fmt: skip
    return {key: rounded(value) if isinstance(value, float) else value for key, value in made.items()}
