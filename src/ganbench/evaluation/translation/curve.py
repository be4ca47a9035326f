"""Learning curves of translations: the metrics of a cell's generator from A to B at moments of its training."""

from __future__ import annotations

from dataclasses import replace

from ganbench.cell import Cell
from ganbench.evaluation.features import Seen
from ganbench.evaluation.moments import Point
from ganbench.evaluation.translation.metric import Way, measure, values_of
from ganbench.evaluation.translation.setting import Setting
from ganbench.games.translation.recipe import translation_of
from ganbench.params import Params
from ganbench.training.snapshots import read_moments
from ganbench.training.translated import translated
from ganbench.translating import load_translator


def curve_of(cell: Cell, params: Params, setting: Setting, references: dict[str, Seen], final: Way) -> list[Point]:
    """The metrics of every snapshot from A to B, the final generator's last; nothing where none was taken.

    All of the cell's metrics of that way but the way back and LPIPS, on the same held-out images.

    Args:
        cell: which.
        params: as declared.
        setting: of the cell's evaluation.
        references: training images as their judges see them, by domain.
        final: the way from A to B that the cell's metrics were taken on.

    Raises:
        BenchError: a snapshot is missing, damaged or of another network.
    """
    moments, points = read_moments(cell), []
    for moment in moments[:-1]:
        generator = load_translator(cell, params, setting.device, moment=moment)
        outputs = translated(generator, final.inputs, setting.device, translation_of(params).evaluate.seed)
        points.append((moment, _measure(setting.way("ab", outputs, references))))
    return [*points, *((moment, _measure(final)) for moment in moments[-1:])]


def _measure(way: Way) -> dict[str, float]:
    return values_of(measure([replace(way, back=None, lpips=None)]))
