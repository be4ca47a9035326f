"""The sample wall: a row of samples a variant, and a row of real images to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.pictures import grid, scale_for
from ganbench.reporting.read import require, stage
from ganbench.reporting.results import NOT_RUN, Results
from ganbench.reporting.style import Theme, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 16
TILE = 64
"""Pixels to which larger images are reduced on the wall."""


@dataclass(frozen=True)
class Strip:
    """One row of the wall; no images where every seed failed, or none has run."""

    name: str
    note: str
    images: NDArray[np.uint8] | None


def strips(results: Results) -> list[Strip]:
    """Held-out real images, then each variant's first samples of its first finished seed."""
    made = [Strip("real", "held out", results.held_out[:COLUMNS])]
    for variant in results.variants:
        cell = results.shown(variant)
        note = f"seed {cell.seed}" if cell else "failed" if results.ran(variant) else NOT_RUN
        made.append(Strip(variant, note, samples(cell) if cell else None))
    return made


def samples(cell: Cell, count: int = COLUMNS) -> NDArray[np.uint8]:
    """The first samples of a cell, uint8 (N, H, W, C).

    Raises:
        BenchError: no samples, or not the archive that they should be.
    """
    path, command = cell.samples_dir / "samples.npz", stage("sample", cell)
    try:
        with np.load(require(path, command), allow_pickle=False) as archive:
            images: NDArray[np.uint8] = archive["images"][:count]
    except (BadZipFile, ValueError, KeyError, OSError) as error:
        raise BenchError(f"{path}: not readable as samples: {' '.join(str(error).split())}; run {command}") from None
    if images.dtype != np.uint8 or images.ndim != 4 or not len(images):
        raise BenchError(f"{path}: images: {images.dtype} {images.shape}; expected uint8 (N, H, W, C); run {command}")
    return images


def picture(images: NDArray[np.uint8], columns: int = COLUMNS) -> Image.Image:
    """Rows of images with transparent gaps, magnified or reduced to about 64 pixels each."""
    images = np.stack([_reduced(image) for image in images])
    scale = scale_for(images.shape[1], TILE)
    sheet = grid(images, columns, pad=1, scale=scale)
    gaps = grid(np.zeros_like(images[..., :1]), columns, pad=1, scale=scale)
    sheet.putalpha(gaps.point([255 - value for value in range(256)]))
    return sheet


def samples_figure(results: Results, theme: Theme) -> Figure:
    """The wall as a figure."""
    made = strips(results)
    figure, axes = panels(len(made), 1, (9.0, 0.62))
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.03)
    blank = np.zeros((COLUMNS, *results.held_out.shape[1:]), np.uint8)
    for strip, axis in zip(made, axes, strict=True):
        axis.set_xticks([])
        axis.set_yticks([])
        axis.grid(visible=False)
        axis.spines[:].set_visible(False)
        axis.set_ylabel(strip.name, rotation=0, ha="right", va="center", color=theme.ink, fontsize=9)
        pixels = np.asarray(picture(blank if strip.images is None else strip.images).convert("RGBA"))
        axis.imshow(pixels, interpolation="nearest", alpha=0 if strip.images is None else 1)
        if strip.images is None:
            why = NOT_RUN if strip.note == NOT_RUN else "failed: every seed diverged"
            ink = theme.quiet if strip.note == NOT_RUN else theme.warn
            axis.text(0.01, 0.5, why, transform=axis.transAxes, va="center", color=ink)
    return figure


def _reduced(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image of at most 64 pixels a side, (H, W, C)."""
    if image.shape[0] <= TILE:
        return image
    small = Image.fromarray(image.squeeze()).resize((TILE, TILE), Image.Resampling.LANCZOS)
    return np.asarray(small).reshape(TILE, TILE, image.shape[2])
