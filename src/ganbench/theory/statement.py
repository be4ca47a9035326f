"""What a statement of the theory is: a number that was computed beside the one that it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ganbench.errors import BenchError
from ganbench.reporting.style import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Relation = Literal["=", "≤", "≥"]


@dataclass(frozen=True)
class Statement:
    """A number and what it must be.

    Attributes:
        name: of its own in all of the theory; the key in results/theory.json.
        computed: what the bench's code gave.
        exact: the closed form, the quadrature or the bound.
        tolerance: how far `computed` may be from `exact`, absolutely, or how far beyond it where `exact` is a bound.
        source: the paper and equation, or the name of the identity.
        relation: of `computed` to `exact`: equal, at most or at least.
    """

    name: str
    computed: float
    exact: float
    tolerance: float
    source: str
    relation: Relation = "="

    @property
    def holds(self) -> bool:
        """Whether it is true within its tolerance; NaN is not."""
        beyond = self.computed - self.exact
        if self.relation == "=":
            return abs(beyond) <= self.tolerance
        return (beyond if self.relation == "≤" else -beyond) <= self.tolerance

    def __str__(self) -> str:
        return (
            f"{self.name}: computed {self.computed:.6g} {self.relation} exact {self.exact:.6g} ± {self.tolerance:.2g}"
        )


@dataclass(frozen=True)
class Drawing:
    """A figure of a chapter: the name of its file, what it shows for those who can't see it, how to draw it."""

    name: str
    alt: str
    draw: Callable[[Theme], Figure]


@dataclass(frozen=True)
class Chapter:
    """Statements that belong together, and their figures."""

    title: str
    statements: tuple[Statement, ...]
    drawings: tuple[Drawing, ...]


def check(chapters: Iterable[Chapter]) -> None:
    """Refuse statements that fail.

    Raises:
        BenchError: a line for each one: its name, what was computed, what is exact, and the tolerance.
    """
    wrong = [statement for chapter in chapters for statement in chapter.statements if not statement.holds]
    if wrong:
        raise BenchError("\n".join(f"theory: {_failure(statement)}" for statement in wrong))


def _failure(statement: Statement) -> str:
    expected = {"=": "expected", "≤": "expected at most", "≥": "expected at least"}[statement.relation]
    return (
        f"{statement.name}: computed {statement.computed:.6g}, {expected} {statement.exact:.6g} "
        f"within {statement.tolerance:.2g} ({statement.source})"
    )
