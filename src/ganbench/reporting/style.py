"""How figures look: one calm style in a light and a dark theme, one colour a variant everywhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 144
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p", "h")


@dataclass(frozen=True)
class Theme:
    """Colours of a figure. `cycle` tells variants apart, also for the colour-blind (after Okabe and Ito 2008)."""

    paper: str
    ink: str
    quiet: str
    line: str
    warn: str
    cycle: tuple[str, ...]


LIGHT = Theme(
    paper="#ffffff",
    ink="#1d2430",
    quiet="#667085",
    line="#e3e7ed",
    warn="#b42318",
    cycle=("#0072b2", "#d98200", "#008a66", "#c2569b", "#3aa0d8", "#c8500a", "#7a6ccf", "#8a7a00"),
)
DARK = Theme(
    paper="#171b22",
    ink="#e4e8ee",
    quiet="#98a2b3",
    line="#2b323d",
    warn="#ff8a7a",
    cycle=("#4aa8e8", "#f0b040", "#2fc79a", "#e58cc4", "#8fd0f5", "#ff8b4d", "#a99df2", "#d9c94a"),
)


def colour(theme: Theme, index: int) -> str:
    """The colour of the index-th declared variant."""
    return theme.cycle[index % len(theme.cycle)]


def marker(index: int) -> str:
    """The marker of the index-th declared variant; with the colour it tells 72 variants apart."""
    return MARKERS[index % len(MARKERS)]


def render(theme: Theme, draw: Callable[[Theme], Figure]) -> bytes:
    """A figure as PNG. The bytes depend on nothing but what is drawn: no matplotlibrc, no version, no date.

    It is drawn once; ``savefig`` draws a second time, for what `draw` never asks of it.
    """
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    with matplotlib.style.context(["default", _settings(theme)]):
        figure = draw(theme)
        canvas: Any = FigureCanvasAgg(figure)
        figure.set_dpi(DOTS_PER_INCH)
        canvas.draw()
    buffer = io.BytesIO()
    Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).save(buffer, "png")
    return buffer.getvalue()


def panels(count: int, columns: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels of `size` inches each, in rows."""
    from matplotlib.figure import Figure

    columns = min(count, columns)
    height = -(-count // columns)
    figure = Figure(figsize=(columns * size[0], height * size[1]), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(height, columns, squeeze=False).ravel().tolist()
    for spare in axes[count:]:
        spare.set_axis_off()
    return figure, list(axes[:count])


def _settings(theme: Theme) -> dict[str, Any]:
    """Matplotlib's settings for a theme; the font is the one that comes with matplotlib."""
    return {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 8.5,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "text.color": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.labelcolor": theme.quiet,
        "axes.edgecolor": theme.line,
        "xtick.color": theme.line,
        "ytick.color": theme.line,
        "xtick.labelcolor": theme.quiet,
        "ytick.labelcolor": theme.quiet,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": theme.line,
        "grid.linewidth": 0.6,
        "lines.linewidth": 1.4,
        "lines.solid_capstyle": "round",
    }
