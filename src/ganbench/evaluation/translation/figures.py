"""Where translations are wrong: input, output, target and error side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganbench.evaluation.translation.likeness import absolute_error, error_map
from ganbench.evaluation.translation.metric import Way
from ganbench.training.translated import sheet

ROWS = 8
Images = NDArray[np.uint8]


def error_sheet(way: Way) -> Image.Image:
    """Rows of: input | output | target | error; from the best of the n translations to the worst, in steps of rank.

    The error is the mean absolute difference over the channels, black where there is none, through purple and orange to
    white where black should be white. Of two equally valid mappings the target is that of the one that was taken.
    Where the right answers are not known, the way back stands in for them: input | output | the output translated back
    | its difference from the input. Without a way back either: input | output.
    """
    target, compared = _target(way)
    if target is None:
        return sheet([way.inputs[:ROWS], way.outputs[:ROWS]])
    errors = absolute_error(target, compared)
    ranks = np.linspace(0, len(errors) - 1, min(ROWS, len(errors))).round().astype(np.int64)
    rows = np.argsort(errors, kind="stable")[ranks]
    return sheet([way.inputs[rows], way.outputs[rows], target[rows], heat(error_map(target[rows], compared[rows]))])


def heat(values: NDArray[np.float64]) -> Images:
    """Values (n, H, W) in [0, 1] → colours, uint8 (n, H, W, 3)."""
    from matplotlib import colormaps

    return np.asarray(colormaps["inferno"](values, bytes=True)[..., :3], np.uint8)


def _target(way: Way) -> tuple[Images | None, Images]:
    """What the third column shows, and what it is compared with."""
    if way.truth is None:
        return way.back, way.inputs
    if way.alternative is not None:
        first, second = (absolute_error(way.outputs, answers).mean() for answers in (way.truth, way.alternative))
        return (way.alternative if second < first else way.truth), way.outputs
    return way.truth, way.outputs
