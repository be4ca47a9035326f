"""The figures of a report, each drawn once for light and, where the page shows it, once for dark mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ganbench.reporting import curves, learning_curves, points, scatter, wall
from ganbench.reporting.embed import Picture, drawn
from ganbench.reporting.legend import CONDITIONAL, family
from ganbench.reporting.results import Results
from ganbench.reporting.style import DARK, LIGHT, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    Draw = Callable[[Theme], Figure]

NOT_DRAWN = ("kid_error", "discriminator_false_negative", "discriminator_true_negative")
"""Families that say nothing more to the eye: an error, and shares that are one minus another's."""


@dataclass(frozen=True)
class Drawing:
    """A figure as PNG, for light and for dark mode; without dark mode it is for results/figures alone."""

    light: bytes
    dark: bytes | None = None

    @property
    def picture(self) -> Picture:
        """For the page."""
        return drawn(self.light, self.dark)


def both(draw: Draw) -> Picture:
    """A figure for light and for dark mode."""
    return drawn(render(LIGHT, draw), render(DARK, draw))


def draw_all(results: Results) -> dict[str, Drawing]:
    """By name, the figures that look at several variants."""
    aside: dict[str, Draw] = {
        "losses": lambda theme: curves.losses(results, results.variants, theme),
        "samples": lambda theme: wall.samples_figure(results, theme),
    }
    made = {name: Drawing(render(LIGHT, draw)) for name, draw in aside.items()}
    return made | {name: Drawing(render(LIGHT, draw), render(DARK, draw)) for name, draw in _shown(results).items()}


def _shown(results: Results) -> dict[str, Draw]:
    conditional = [name for name in results.metrics if family(name)[0] in CONDITIONAL]
    others = [name for name in results.metrics if family(name)[0] not in (*CONDITIONAL, *NOT_DRAWN)]
    shown: dict[str, Draw] = {
        "quality_diversity": lambda theme: scatter.quality_diversity(results, theme),
        "metrics": lambda theme: scatter.strips(results, theme, others, results.variants),
    }
    for track in results.tracks:
        if track.courses:
            name = "learning_curves" if track is results else f"{track.track}_learning_curves"
            shown[name] = partial(learning_curves.by_variant, track)
    if conditional and results.conditional:
        shown["conditional_metrics"] = lambda theme: scatter.strips(results, theme, conditional, results.conditional)
    if (found := results.points) is not None:
        shown["points_samples"] = partial(points.wall, found)
    for track in results.tracks[1:]:
        shown[f"{track.track}_metrics"] = partial(scatter.strips, track, metrics=track.metrics, variants=track.variants)
    return shown
