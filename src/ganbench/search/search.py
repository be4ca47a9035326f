"""A search from request to result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.cell import Cell, declaration, floor_metrics, project_root, scratch_dir
from ganbench.errors import BenchError
from ganbench.games.translation.recipe import translation_recipe
from ganbench.params import Params, Range, unknown
from ganbench.reporting.legend import FAMILIES, family
from ganbench.search.results import Done, Found, draw_all, write
from ganbench.search.space import check_search, space_of, with_values
from ganbench.search.study import Sampler, Study, Trial
from ganbench.search.trial import Runner, check_ready, run_trial
from ganbench.tracking.finished import data_hash

METRIC = {"images": "fid", "points": "w1", "translation": "fid"}
"""What is searched for unless something else is asked for: a family of metrics that every cell of the track has."""
BUDGET = {"images": "budget_kimg", "points": "budget_kpoints", "translation": "budget_kimg"}
WANTED = ("lower", "higher")


@dataclass(frozen=True)
class Request:
    """What the command line says.

    Attributes:
        track, variant: what to search.
        trials: how many there shall be in all, those of earlier calls included.
        metric: a family such as ``fid`` or a whole name; None: the track's own.
        budget: thousand real samples for each trial; None: as declared.
        seed: of every trial's cell; None: the first that is declared.
        sampler: ``tpe`` or ``random``.
        sampler_seed: of the draws.
    """

    track: str
    variant: str
    trials: int
    metric: str | None = None
    budget: float | None = None
    seed: int | None = None
    sampler: Sampler = "tpe"
    sampler_seed: int = 0


def place_of(track: str, variant: str) -> Path:
    """Where the journal, the trials and the logs of a search are."""
    return scratch_dir() / "search" / track / variant


def parse_target(text: str) -> tuple[str, str]:
    """``images/wgan_gp`` → (images, wgan_gp).

    Raises:
        BenchError: not of that form.
    """
    match text.split("/"):
        case [track, variant] if track and variant:
            return track, variant
    raise BenchError(f"{text!r} is not a variant; expected track/variant, such as images/wgan_gp")


@dataclass(frozen=True)
class Search:
    """A search that is ready to run.

    Attributes:
        params: with the budget and the one seed of the trials.
        space: the ranges.
        name: of the metric that is searched for.
        better: ``lower`` or ``higher``.
    """

    params: Params
    space: dict[str, Range]
    name: str
    better: str


def ready(request: Request, params: Params) -> Search:
    """What a request comes to.

    Raises:
        BenchError: something is declared or asked for that can't be, or an input of every trial is not there.
    """
    space = space_of(request.track, request.variant, params)
    params = _settled(request, params)
    check_search(params, (request.track, request.variant))
    asked = request.metric or METRIC[request.track]
    better = _direction(asked)
    check_ready(request.track)
    return Search(params, space, pick(asked, _measured(request.track, request.variant, params)), better)


def search(request: Request, params: Params, say: Callable[[str], None], run: Runner | None = None) -> Found:
    """Run trials until there are as many as asked for; after each, record what was found so far; at the end draw it.

    Args:
        request: what to search, and how.
        params: as declared.
        say: told a line a trial.
        run: from a trial's cell to its metrics and status; by default what the stages do.

    Returns:
        the search, with the trials of all calls and processes that have ended.

    Raises:
        BenchError: before any work, where something is declared or asked for that can't be.
        Stopped: by a signal; the same request goes on from there.
    """
    track, variant = request.track, request.variant
    asked = ready(request, params)
    params, name = asked.params, asked.name
    place, identity = place_of(track, variant), _identity(request, params, name)
    study = Study(place, asked.space, identity, asked.better == "higher", request.sampler, request.sampler_seed)
    root = project_root()
    try:
        while True:
            with study.take(request.trials) as trial:
                if trial is None:
                    break
                cell = Cell(track, f"{variant}_trial_{trial.number}", params.seeds[0])
                made = with_values(track, variant, params, trial.values, cell.variant)
                metrics = run_trial(cell, made, root, place / f"{study.key}-{trial.number}", run)
                value = None if metrics["status"] == "diverged" else float(metrics[name])
                study.tell(trial, value)
                say(_line(trial, name, value, study))
                with study.alone():
                    write(_found(request, asked, study))
    finally:
        draw_all(track)
    return _found(request, asked, study)


def pick(asked: str, metrics: Mapping[str, Any]) -> str:
    """The metric that was asked for, by its whole name or by its family; of several the first.

    Args:
        asked: for.
        metrics: of the real images, which have all that can be searched for.

    Raises:
        BenchError: there is none.
    """
    names = [name for name in sorted(metrics) if name == asked or family(name)[0] == asked]
    if not names:
        raise BenchError(f"--metric: {unknown('metric', asked, [name for name in metrics if name != 'status'])}")
    return names[0]


def _measured(track: str, variant: str, params: Params) -> dict[str, Any]:
    """The metrics of real samples, as far as the trials will have them: a game with no way back lacks those of it."""
    of_real: dict[str, Any] = json.loads(floor_metrics(track).read_text(encoding="utf-8"))
    if track != "translation" or translation_recipe(params, variant).game.both_ways:
        return of_real
    return {name: value for name, value in of_real.items() if "_ba_" not in name}


def _direction(asked: str) -> str:
    key, found = family(asked)
    if found.better not in WANTED:
        searchable = [name for name, known in FAMILIES.items() if known.better in WANTED]
        reason = "neither more nor less of it is better" if key in FAMILIES else "no such metric is known"
        raise BenchError(f"--metric: {asked!r}: {reason}; allowed: {', '.join(searchable)}")
    return found.better


def _settled(request: Request, params: Params) -> Params:
    """With the budget and the one seed of the trials.

    Raises:
        BenchError: the budget is not positive.
    """
    seed = params.seeds[0] if request.seed is None else request.seed
    section = getattr(params, request.track)
    if request.budget is not None:
        if request.budget <= 0:
            raise BenchError(f"--budget: {request.budget:g}: expected more than 0")
        section = section.model_copy(update={BUDGET[request.track]: request.budget})
    return params.model_copy(update={"seeds": [seed], request.track: section})


def _identity(request: Request, params: Params, metric: str) -> dict[str, Any]:
    """All that the values of a search depend on, beside its ranges and its draws."""
    declared = declaration(Cell(request.track, request.variant, params.seeds[0]), params)
    values = getattr(params, request.track).model_dump(mode="json", include={"evaluate", "sample", "judge", "prepare"})
    data = None if request.track == "points" else data_hash(Cell(request.track, request.variant, params.seeds[0]))
    return {"declared": declared, "protocol": values, "metric": metric, "data": data}


def _found(request: Request, asked: Search, study: Study) -> Found:
    trials = [Done(one.number, one.values, None if one.diverged else one.value) for one in study.trials()]
    budget = getattr(getattr(asked.params, request.track), BUDGET[request.track])
    return Found(
        request.track, request.variant, asked.name, asked.better, budget, asked.params.seeds[0],
        request.sampler, request.sampler_seed, trials,
    )  # fmt: skip


def _line(trial: Trial, name: str, value: float | None, study: Study) -> str:
    """``trial 7: fid_judge_449 12.3 with optimizer.lr 0.0002; best 10.1 (trial 3)``."""
    values = ", ".join(f"{key} {shown:.4g}" if isinstance(shown, float) else f"{key} {shown}"
                       for key, shown in trial.values.items())  # fmt: skip
    came = "diverged" if value is None else f"{name} {value:.4g}"
    best = study.best()
    ahead = "" if best is None or best.value is None else f"; best {best.value:.4g} (trial {best.number})"
    return f"trial {trial.number}: {came} with {values}{ahead}"
