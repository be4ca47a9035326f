"""What a metric of any track says of its values, and the record that is made of it.

A metric is a function from evidence to named values. It is registered with the families of its values, and each family
says what it depends on: so that a record holds of every value its own n, network and ceiling.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from ganbench.errors import BenchError


class Counted(Protocol):
    """Evidence."""

    @property
    def n(self) -> int:
        """Judged samples."""


E = TypeVar("E", bound=Counted)


class NotApplicable(Exception):  # noqa: N818  (not an error: a metric says why it has no value here)
    """A metric has no value for this evidence; the message says why."""


@dataclass(frozen=True)
class Gives(Generic[E]):
    """What the values of a family depend on.

    Attributes:
        reads: the network whose output they come from, as `measurements` knows it; None: none, or one that is taught
            for the value alone and not kept.
        ceiling: the best value that there can be, or a function of the evidence, where a closed form is known.
        n: of the evidence and the value's name: the samples that are judged, on the smaller side where two sides
            differ; None: as many as the evidence has.
    """

    reads: str | None = None
    ceiling: float | Callable[[E], float] | None = None
    n: Callable[[E, str], int] | None = None


class Said(NamedTuple):
    """What is said of one value, see `Gives`."""

    ceiling: float | None
    n: int
    reads: str | None


class Measured(NamedTuple):
    """All metrics of some evidence.

    Attributes:
        values: by name.
        left_out: of each metric that does not apply, the reason by its function's name.
        said: of each value, by name.
    """

    values: dict[str, float]
    left_out: dict[str, str]
    said: dict[str, Said]


class Metrics(Generic[E]):
    """The metrics of a track: all functions of a package's modules that are registered.

    Args:
        package: whose modules are imported when the metrics are taken.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self._entries: dict[str, tuple[Callable[[E], dict[str, float]], dict[str, Gives[E]]]] = {}

    def register(
        self, **families: Gives[E]
    ) -> Callable[[Callable[[E], dict[str, float]]], Callable[[E], dict[str, float]]]:
        """Decorator: take this metric.

        Args:
            families: by the beginning of the values' names. Of several, a name belongs to the longest.
        """

        def registered(function: Callable[[E], dict[str, float]]) -> Callable[[E], dict[str, float]]:
            self._entries[f"{function.__module__}.{function.__qualname__}"] = function, families
            return function

        return registered

    def measure(self, evidence: E) -> Measured:
        """Take all metrics, in the order of their modules.

        Raises:
            BenchError: a value is not finite, or of no family that its metric is registered with.
        """
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
        found = Measured({}, {}, {})
        for _, (function, families) in sorted(self._entries.items()):
            try:
                values = function(evidence)
            except NotApplicable as reason:
                found.left_out[function.__name__] = str(reason)
                continue
            for name, value in values.items():
                if not math.isfinite(value):
                    raise BenchError(f"metric {name}: {value}; expected a finite number")
                found.values[name] = value
                found.said[name] = _said(families, evidence, name)
        return found


@dataclass(frozen=True)
class Measurement:
    """One value and all that it depends on.

    Attributes:
        name: states the protocol.
        value: of the judged samples.
        floor: of real samples in their place, for translations of the right answers; None where these have no such
            value.
        floor_n: as `n`, of the floor: it is less where too few real samples are held out.
        baseline: of something simple in their place: a Gaussian for points, the input itself for translations; None
            where there is none.
        ceiling: the best value that there can be, where a closed form is known.
        n: samples that are judged, on the smaller side where two sides differ.
        extractor: digest of the network whose output it reads; None: it reads none, or one that was not kept.
        data: hash of the real samples that it is compared with or trained on.
    """

    name: str
    value: float
    floor: float | None
    floor_n: int | None
    baseline: float | None
    ceiling: float | None
    n: int
    extractor: str | None
    data: str


class Beside(NamedTuple):
    """What stands beside values of the same names.

    Attributes:
        values: by name.
        counts: the n of each that may have another than the value that it stands beside.
    """

    values: Mapping[str, float]
    counts: Mapping[str, int]


def measurements(
    found: Measured,
    floor: Beside,
    baseline: Mapping[str, float],
    networks: Mapping[str, str],
    data: str,
) -> list[Measurement]:
    """The record of all values, in the order of their names.

    Args:
        found: the values.
        floor: of real samples.
        baseline: by name.
        networks: digests of those that are read.
        data: hash of the real samples.
    """
    made = []
    for name, value in sorted(found.values.items()):
        ceiling, n, reads = found.said[name]
        digest = None if reads is None else networks[reads]
        real, count = floor.values.get(name), floor.counts.get(name, n)
        of_floor = (real, None if real is None else count)
        made.append(Measurement(name, value, *of_floor, baseline.get(name), ceiling, n, digest, data))
    return made


def _said(families: Mapping[str, Gives[E]], evidence: E, name: str) -> Said:
    known = [family for family in families if name.startswith(f"{family}_")]
    if not known:
        raise BenchError(f"metric {name}: of no family that it is registered with; allowed: {', '.join(families)}")
    gives = families[max(known, key=len)]
    ceiling = gives.ceiling(evidence) if callable(gives.ceiling) else gives.ceiling
    return Said(ceiling, gives.n(evidence, name) if gives.n else evidence.n, gives.reads)
