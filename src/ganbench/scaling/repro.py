"""``ganbench repro``: the whole pipeline, several cells at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.scaling.devices import GPUS, THREADS, Place, kept_memory, places, visible_gpus
from ganbench.scaling.plan import Job, chosen, make_plan, needed, parse_part, read_changed, read_graph
from ganbench.scaling.pool import Outcome, Pool, Task
from ganbench.scaling.progress import display
from ganbench.scaling.warm import warm


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    jobs: int | None = None
    gpus: tuple[str, ...] | None = None
    threads: int | None = None
    part: str | None = None
    """``K/N``: every N-th job, from the K-th on, and nothing after the jobs."""
    only_first: bool = False
    """Only what jobs depend on."""
    pull: bool = False
    """Ask DVC's remote for every result before it is computed."""
    targets: tuple[str, ...] = ()
    """Stages or patterns of them, with what they need; none: all."""


@dataclass(frozen=True)
class Report:
    """What became of the jobs of one call."""

    outcomes: tuple[Outcome, ...]
    up_to_date: int
    finished: bool
    """Whether the stages after the jobs were brought up to date, too."""

    @property
    def failed(self) -> list[Outcome]:
        """The jobs that failed."""
        return [outcome for outcome in self.outcomes if outcome.failure is not None]

    def __str__(self) -> str:
        ran = sum(bool(outcome.ran) for outcome in self.outcomes if outcome.failure is None)
        restored = len(self.outcomes) - ran - len(self.failed)
        text = f"{ran} jobs ran, {restored} came from the cache, {self.up_to_date} were up to date"
        lines = [f"{text}, {len(self.failed)} failed" if self.failed else text]
        return "\n".join([*lines, *(f"  {outcome}" for outcome in self.failed)])


def reproduce(params: Params, options: Options) -> Report:
    """Bring the pipeline up to date: what the jobs need, then the jobs side by side, then what reads their outputs.

    After the failure of a job the others go on, and what reads their outputs is left as it is.

    Raises:
        BenchError: the options make no sense here, a target names no stage, or a stage outside the jobs failed.
        KeyboardInterrupt: asked to end; nothing that was started still runs.
    """
    part = parse_part(options.part) if options.part else None
    with ThreadPoolExecutor() as beside:
        asked = beside.submit(read_changed)
        graph = read_graph()
    targets = chosen(graph, options.targets)
    graph = needed(graph, targets) if targets else graph
    plan = make_plan(graph)
    if part:
        plan = plan.part(*part)
    changed = asked.result() & graph.keys()
    if not changed:
        return Report((), len(plan.jobs), finished=True)
    gpus = list(options.gpus) if options.gpus is not None else visible_gpus(params.device)
    everywhere = [place.having(kept_memory()) for place in places(params, options.jobs, gpus, options.threads)]
    alone = _alone(gpus, options.threads).having(kept_memory())
    pull = ("--pull",) if options.pull else ()
    cold: AbstractContextManager[dict[str, str]] = nullcontext({})
    with warm(everywhere[0].environment) if changed & plan.stages else cold as door:
        everywhere, alone = [place.having(door) for place in everywhere], alone.having(door)
        if changed & plan.first:
            if plan.roots:
                _one(Task("first", (*pull, "--single-item", *plan.roots)), alone)
            for outcome in _several(_tasks(plan.chains, pull), everywhere[: len(plan.chains)]):
                _refuse_failed(outcome)
            changed = read_changed() & graph.keys()
        if options.only_first:
            return Report((), 0, finished=False)
        left = plan.remaining(changed)
        tasks = _tasks(left.jobs, pull)
        outcomes = _several(tasks, everywhere[: len(tasks)])
        finished = part is None and not any(outcome.failure for outcome in outcomes)
        if finished:
            _one(Task("closing", (*pull, *targets)), alone)
        return Report(tuple(outcomes), len(plan.jobs) - len(left.jobs), finished)


def _alone(gpus: list[str], threads: int | None) -> Place:
    """For what runs by itself: the first GPU and, unless the user says otherwise, all cores."""
    environment = {THREADS: str(threads)} if threads else {}
    return Place(0, environment | ({GPUS: gpus[0]} if gpus else {}))


def _one(task: Task, place: Place) -> None:
    (outcome,) = _several([task], [place])
    _refuse_failed(outcome)


def _refuse_failed(outcome: Outcome) -> None:
    if outcome.failure is not None:
        raise BenchError(outcome.failure)


def _tasks(jobs: Sequence[Job], pull: tuple[str, ...]) -> list[Task]:
    return [Task(job.name, (*pull, "--single-item", *job.stages)) for job in jobs]


def _several(tasks: Sequence[Task], where: list[Place]) -> list[Outcome]:
    if not tasks:
        return []
    shown = display(len(tasks), where)
    try:
        return Pool(where, shown).run(tasks)
    finally:
        shown.close()
