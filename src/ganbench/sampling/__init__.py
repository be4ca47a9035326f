"""Trained players, brought back from a cell's outputs, and what they draw."""

from ganbench.sampling.asking import sample_grid
from ganbench.sampling.drawing import codes_of, draw, draw_asked, draw_points, interpolate, render
from ganbench.sampling.players import Scorer, given_of, load_discriminator, load_generator
from ganbench.sampling.samples import first_samples, sample_cell

__all__ = [
    "Scorer",
    "codes_of",
    "draw",
    "draw_asked",
    "draw_points",
    "first_samples",
    "given_of",
    "interpolate",
    "load_discriminator",
    "load_generator",
    "render",
    "sample_cell",
    "sample_grid",
]
