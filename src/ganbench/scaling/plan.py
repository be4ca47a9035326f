"""What can run beside what: read off DVC's own graph of the stages, so that no stage's name stands here.

The instances of matrix stages that depend on each other make one job: ``train@k``, ``sample@k`` and ``evaluate@k`` of a
cell. What jobs need runs before them, what reads their outputs after them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter

from ganbench.errors import BenchError
from ganbench.params import unknown
from ganbench.scaling.dvc import ask

NODE = re.compile(r'^"(?P<name>[^"]+)";$')
EDGE = re.compile(r'^"(?P<first>[^"]+)" -> "(?P<then>[^"]+)";$')
OF_MATRIX = "@"
"""Stands in the name of every instance of a matrix stage, and of no other stage."""

Graph = dict[str, set[str]]
"""Stage → the stages that it depends on."""


@dataclass(frozen=True)
class Job:
    """Stages that run in one process, in this order."""

    stages: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the first stage."""
        return self.stages[0]


@dataclass(frozen=True)
class Plan:
    """A pipeline in four steps; what is in none of them is left to a closing ``dvc repro``."""

    roots: tuple[str, ...]
    """Stages that jobs depend on and that depend on nothing, one after the other."""

    chains: tuple[Job, ...]
    """The other stages that jobs depend on: those of a track one after the other, tracks beside each other."""

    jobs: tuple[Job, ...]
    """Independent of each other."""

    @property
    def first(self) -> set[str]:
        """All stages that jobs depend on."""
        return {*self.roots, *(name for chain in self.chains for name in chain.stages)}

    @property
    def stages(self) -> set[str]:
        """All stages of jobs and all that these depend on."""
        return {*self.first, *(name for job in self.jobs for name in job.stages)}

    def part(self, number: int, of: int) -> Plan:
        """Every so many-th job, for one of several machines; it does not depend on what is done already."""
        return replace(self, jobs=self.jobs[number - 1 :: of])

    def remaining(self, changed: set[str]) -> Plan:
        """Without the jobs all of whose stages are up to date."""
        return replace(self, jobs=tuple(job for job in self.jobs if changed & set(job.stages)))


def read_graph() -> Graph:
    """The stages of dvc.yaml and what each depends on, as ``dvc dag`` sees them."""
    return parse_graph(ask("dag", "--dot"))


def read_changed() -> set[str]:
    """The stages that are not up to date, as far as can be said before those that they depend on have run."""
    return set(json.loads(ask("status", "--json")))


def parse_graph(dot: str) -> Graph:
    """``dvc dag --dot`` → the graph."""
    graph: Graph = {}
    for line in map(str.strip, dot.splitlines()):
        if node := NODE.match(line):
            graph.setdefault(node["name"], set())
        elif edge := EDGE.match(line):
            graph.setdefault(edge["first"], set())
            graph.setdefault(edge["then"], set()).add(edge["first"])
    return graph


def chosen(graph: Graph, targets: Sequence[str]) -> list[str]:
    """The stages that targets name: whole names, those of a matrix stage without its instances, or patterns.

    Args:
        graph: of all stages.
        targets: such as ``evaluate@dcgan-0``, ``evaluate`` or ``evaluate@*-0``.

    Raises:
        BenchError: a target names no stage.
    """
    found: dict[str, None] = {}
    for target in targets:
        named = [name for name in graph if fnmatchcase(name, target) or name.split(OF_MATRIX)[0] == target]
        if not named:
            raise BenchError(f"dvc.yaml: {unknown('stage', target, {name.split(OF_MATRIX)[0] for name in graph})}")
        found.update(dict.fromkeys(named))
    return list(found)


def needed(graph: Graph, stages: Iterable[str]) -> Graph:
    """The part of a graph that these stages need, themselves included."""
    kept = {other for name in stages for other in (name, *_ancestors(graph, name))}
    return {name: others for name, others in graph.items() if name in kept}


def make_plan(graph: Graph) -> Plan:
    """Sort the stages into those before the jobs, the jobs, and the rest."""
    order = list(TopologicalSorter(graph).static_order())
    place = {name: index for index, name in enumerate(order)}
    matrix = {name for name in graph if OF_MATRIX in name}
    before = {name: _ancestors(graph, name) for name in graph}
    first = {name for member in matrix for name in before[member] - matrix if not before[name] & matrix}
    after = {name for name in graph if name not in matrix and before[name] & matrix}
    alone = set(graph) - matrix - first - after
    groups = [*_components(graph, [name for name in graph if name in matrix]), *({name} for name in sorted(alone))]
    jobs = [_in_order(group, place) for group in groups]
    roots = {name for name in first if not graph[name]}
    chains = _components(graph, sorted(first - roots, key=place.__getitem__))
    # what needs a stage that itself waits for jobs is left to the closing run
    ready = [job for job in jobs if all(before[name] <= first | set(job.stages) for name in job.stages)]
    return Plan(_in_order(roots, place).stages, tuple(_in_order(group, place) for group in chains), tuple(ready))


def parse_part(text: str) -> tuple[int, int]:
    """``2/8`` → (2, 8).

    Raises:
        BenchError: not of that form.
    """
    if (match := re.fullmatch(r"(\d+)/(\d+)", text)) and 1 <= int(match[1]) <= int(match[2]):
        return int(match[1]), int(match[2])
    raise BenchError(f"--part: {text!r}: expected K/N with K from 1 to N, such as 2/8")


def _in_order(stages: Iterable[str], place: Mapping[str, int]) -> Job:
    return Job(tuple(sorted(stages, key=place.__getitem__)))


def _ancestors(graph: Graph, name: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[name])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(graph[other])
    return found


def _components(graph: Graph, names: Iterable[str]) -> Iterator[set[str]]:
    """Groups of these stages that depend on each other without a stage between."""
    left = dict.fromkeys(names)
    neighbours = {name: {other for other in graph[name] if other in left} for name in left}
    for name, others in list(neighbours.items()):
        for other in others:
            neighbours[other].add(name)
    while left:
        group: set[str] = set()
        waiting = [next(iter(left))]
        while waiting:
            name = waiting.pop()
            if name in left:
                del left[name]
                group.add(name)
                waiting.extend(neighbours[name])
        yield group
