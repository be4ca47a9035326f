"""Tables' columns: which metrics stand together, and what their heads say."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from ganbench.reporting.legend import ARROWS, CONDITIONAL, HINTS, family, label, shown
from ganbench.statistics.interval import Mean

QUALITY = ("fid", "fid_infinity", "kid", "is", "precision", "recall", "density", "coverage")
FURTHER = (
    "kid_error", "vendi", "w2", "sliced_w2", "classes_covered", "class_reverse_kl", "combinations_covered",
    "combinations_kl",
)  # fmt: skip
TOLD_TEXT = ("attribute_accuracy", "matching_auc", "matching_gap")
TITLES = ("Quality and diversity", "Further distances and diversity", "Memorisation and the discriminator (D)")


@dataclass(frozen=True)
class Column:
    """A metric in a table's head."""

    name: str
    label: str
    arrow: str
    hint: str
    meaning: str

    @classmethod
    def of(cls, name: str) -> Column:
        """From a metric's name."""
        known = family(name)[1]
        return cls(name, label(name), ARROWS[known.better], HINTS[known.better], known.meaning)


def tables(names: list[str]) -> list[tuple[str, list[Column]]]:
    """Titles and columns of the tables of all variants of images; metrics of conditional ones are left out."""
    parts: list[list[Column]] = [[], [], []]
    for name in names:
        key = family(name)[0]
        if key not in CONDITIONAL:
            parts[0 if key in QUALITY else 1 if key in FURTHER else 2].append(Column.of(name))
    return [(title, columns) for title, columns in zip(TITLES, parts, strict=True) if columns]


def conditional(names: list[str], condition: str) -> list[Column]:
    """The columns of generators that are told a label, or a text."""
    told = TOLD_TEXT if condition == "text" else tuple(key for key in CONDITIONAL if key not in TOLD_TEXT)
    return [Column.of(name) for name in names if family(name)[0] in told]


def value(mean: Mean | None, name: str) -> Markup:
    """A mean with its interval, as the table shows it."""
    if mean is None:
        return Markup('<span class="none">–</span>')
    text = escape(shown(name, mean.value))
    if mean.half is not None:
        text += Markup('<span class="half">±{}</span>').format(shown(name, mean.half))
    return text


def breakable(name: str) -> Markup:
    """A metric's name that may break after each underscore."""
    return Markup("_<wbr>").join(name.split("_"))
