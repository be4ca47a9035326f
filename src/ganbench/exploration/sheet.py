"""Labelled rows of small images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.exploration.ink import Box
from ganbench.pictures import BACKGROUND, scale_for

Cell = NDArray[np.uint8] | str | None
"""An image (H, W, C), a sign between images, or nothing."""

PAD = 4
MARGIN = 8
LETTER = 8
"""Pixels that a letter takes at most."""

FONT, TITLE, LINE = 9, 10, 16


class Sheet:
    """A picture of labelled rows of images, with headings and outlines.

    Args:
        title: one line.
        target: about how many pixels an image takes.
    """

    def __init__(self, title: str, target: int = 48) -> None:
        self.title, self.target = title, target
        self._rows: list[tuple[str, Sequence[Cell]]] = []
        self._headings: dict[int, str] = {}
        self._outlines: list[tuple[int, int, Box | None]] = []

    def row(self, label: str, cells: Sequence[Cell]) -> None:
        """Add a row."""
        self._rows.append((label, cells))

    def heading(self, column: int, text: str) -> None:
        """Put a line above a column, from its left edge."""
        self._headings[column] = text

    def outline(self, row: int, column: int, box: Box | None = None) -> None:
        """Draw a frame around a cell, or around a box inside it."""
        self._outlines.append((row, column, box))

    def save(self, path: Path) -> None:
        """Write the picture as PNG; the bytes depend on what is drawn alone."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle

        size = next(cell.shape[0] for _, cells in self._rows for cell in cells if isinstance(cell, np.ndarray))
        scale = scale_for(size, self.target)
        step, left = size * scale + PAD, MARGIN + LETTER * max(len(label) for label, _ in self._rows) + PAD
        width = max(left + step * max(len(cells) for _, cells in self._rows), LETTER * len(self.title)) + MARGIN
        top = MARGIN + LINE * (2 if self._headings else 1) + PAD
        height = top + step * len(self._rows) + MARGIN
        canvas = np.full((height, width, 3), BACKGROUND, np.uint8)
        figure = Figure(figsize=(width / 100, height / 100), dpi=100)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        text: dict[str, Any] = {"fontsize": FONT, "va": "center", "family": "DejaVu Sans"}
        axes.text(MARGIN, MARGIN + LINE / 2, self.title, **text | {"fontsize": TITLE})
        for column, heading in self._headings.items():
            axes.text(left + step * column, MARGIN + 1.5 * LINE + PAD / 2, heading, **text)
        for number, (label, cells) in enumerate(self._rows):
            y = top + step * number
            axes.text(left - PAD, y + step / 2, label, ha="right", **text)
            for column, cell in enumerate(cells):
                x = left + step * column
                if isinstance(cell, str):
                    axes.text(x + step / 2, y + step / 2, cell, ha="center", **text | {"fontsize": 14})
                elif cell is not None:
                    enlarged = cell.repeat(scale, axis=0).repeat(scale, axis=1)
                    canvas[y : y + size * scale, x : x + size * scale] = enlarged
        for number, column, box in self._outlines:
            x, y = left + step * column, top + step * number
            corner, wide, high = (x - 1.5, y - 1.5), size * scale + 2, size * scale + 2
            if box is not None:
                corner = (x + box.left * scale - 0.5, y + box.top * scale - 0.5)
                wide, high = (box.right - box.left) * scale, (box.bottom - box.top) * scale
            axes.add_patch(Rectangle(corner, wide, high, fill=False, edgecolor="#d1682f", linewidth=1.2))
        axes.imshow(canvas, extent=(-0.5, width - 0.5, height - 0.5, -0.5), interpolation="nearest", aspect="auto")
        figure.savefig(path, metadata={"Software": None})
