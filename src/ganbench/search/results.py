"""What searches found: a record a variant, a table and a picture a track."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import RESULTS
from ganbench.errors import BenchError
from ganbench.outputs import write_json, write_text
from ganbench.reporting.legend import ARROWS, family
from ganbench.reporting.rounding import rounded
from ganbench.reporting.style import LIGHT, Theme, colour, panels, render
from ganbench.search.orders import orders

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SEARCH = RESULTS / "search"
FAR = 5
"""The largest value by the smallest from which on an axis is logarithmic."""


@dataclass(frozen=True)
class Done:
    """A trial that has ended.

    Attributes:
        number: in the order of the draws.
        values: by key inside the variant.
        value: of the metric; None where the training diverged.
    """

    number: int
    values: dict[str, Any]
    value: float | None


@dataclass(frozen=True)
class Found:
    """A search.

    Attributes:
        track, variant: what was searched.
        metric: the name of what was searched for.
        better: ``lower`` or ``higher``.
        budget: thousand real samples shown to each trial's discriminator.
        seed: of every trial's cell.
        sampler: ``tpe`` or ``random``.
        sampler_seed: of the draws.
        trials: that have ended, by number.
    """

    track: str
    variant: str
    metric: str
    better: str
    budget: float
    seed: int
    sampler: str
    sampler_seed: int
    trials: list[Done]

    @property
    def best(self) -> Done | None:
        """The best trial that did not diverge; of equals the first."""
        sign = -1 if self.better == "higher" else 1
        ended = [trial for trial in self.trials if trial.value is not None]
        return min(ended, key=lambda trial: sign * (trial.value or 0.0), default=None)

    def best_so_far(self) -> list[float]:
        """After each trial the best until then; NaN before the first that did not diverge."""
        best, so_far = math.nan, []
        choose = max if self.better == "higher" else min
        for trial in self.trials:
            if trial.value is not None:
                best = trial.value if math.isnan(best) else choose(best, trial.value)
            so_far.append(best)
        return so_far


def path_of(track: str, variant: str) -> Path:
    """Where a search is recorded."""
    return SEARCH / track / f"{variant}.json"


def write(found: Found) -> None:
    """Record a search, and write the table of its track anew: ``results/search/<track>.csv``."""
    write_json(path_of(found.track, found.variant), asdict(found))
    write_text(SEARCH / f"{found.track}.csv", table(read(found.track)))


def draw_all(track: str) -> None:
    """Draw all searches of a track: ``results/search/<track>.png``; nothing where there is none."""
    every = read(track)
    if every:
        (SEARCH / f"{track}.png").write_bytes(render(LIGHT, lambda theme: draw(every, theme)))


def read(track: str) -> list[Found]:
    """All recorded searches of a track, by variant.

    Raises:
        BenchError: a record is damaged.
    """
    found = []
    for path in sorted((SEARCH / track).glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found.append(Found(**content | {"trials": [Done(**trial) for trial in content["trials"]]}))
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"{path}: not the record of a search: {error}; remove it and search again") from None
    return found


def table(found: Iterable[Found]) -> str:
    """A line a variant: what was searched for and how, trials, diverged ones, the best, its number and its values."""
    lines = ["variant,metric,budget,sampler,trials,diverged,best,trial,values"]
    for one in found:
        best, diverged = one.best, sum(trial.value is None for trial in one.trials)
        head = [one.variant, one.metric, f"{one.budget:g}", one.sampler, str(len(one.trials)), str(diverged)]
        if best is None or best.value is None:
            lines.append(",".join([*head, "", "", ""]))
            continue
        values = json.dumps(best.values).replace('"', '""')
        lines.append(",".join([*head, f"{rounded(best.value):g}", str(best.number), f'"{values}"']))
    return "\n".join(lines) + "\n"


def draw(found: Sequence[Found], theme: Theme) -> Figure:
    """Best so far against trials, a line a variant; searches that don't compare have panels of their own.

    As many trials for each variant is the fair comparison of Lucic et al. 2018, "Are GANs Created Equal?". Random ones
    might have come in any order: their line is the median over all, within a band. Those of TPE come as they came.
    """
    from matplotlib.ticker import MaxNLocator

    alike: dict[tuple[str, float], list[tuple[int, Found]]] = {}
    for index, one in enumerate(found):
        alike.setdefault((one.metric, one.budget), []).append((index, one))
    figure, axes = panels(max(1, len(alike)), 2, (5.2, 3.6))
    for ((metric, budget), group), axis in zip(alike.items(), axes, strict=True):
        for index, one in group:
            _curve(axis, one, colour(theme, index))
        better = family(metric)[1].better
        axis.set_title(f"{metric} {ARROWS[better]}   {budget:g} thousand samples a trial")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_xlabel("trials")
        axis.set_ylabel("best so far")
        if _far_apart([one for _, one in group]):
            axis.set_yscale("log")
        axis.legend(loc="upper left", bbox_to_anchor=(1, 1))  # trials lie everywhere
    return figure


def _far_apart(found: Iterable[Found]) -> bool:
    values = [trial.value for one in found for trial in one.trials if trial.value is not None]
    return bool(values) and min(values) > 0 and max(values) > FAR * min(values)


def _curve(axis: Axes, one: Found, ink: str) -> None:
    """The best so far, every trial as a dot, diverged ones as crosses on the lower border."""
    numbers = range(1, len(one.trials) + 1)
    label = one.variant if one.best is None else f"{one.variant}: {one.best.value:.4g}"
    if one.sampler == "random":
        among = orders([trial.value for trial in one.trials], one.better)
        axis.plot(numbers, _finite(among.median), color=ink, label=label)
        axis.fill_between(numbers, _finite(among.low), _finite(among.high), color=ink, alpha=0.12, linewidth=0)
    else:
        axis.step(numbers, one.best_so_far(), where="post", color=ink, label=label)
    done = [(number, trial.value) for number, trial in zip(numbers, one.trials, strict=True) if trial.value is not None]
    axis.scatter([n for n, _ in done], [value for _, value in done], 9, ink, alpha=0.35, linewidths=0)
    lost = [number for number, trial in zip(numbers, one.trials, strict=True) if trial.value is None]
    axis.scatter(lost, [0.02] * len(lost), 16, ink, marker="x", transform=axis.get_xaxis_transform(), clip_on=False)


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nan)
