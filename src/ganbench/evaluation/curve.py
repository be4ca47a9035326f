"""Learning curves of images: the metrics of a cell's generator at moments of its training."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch

from ganbench.cell import Cell
from ganbench.data.store import Store
from ganbench.evaluation.extractor import Extractor
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.metric import Evidence, NotApplicable
from ganbench.evaluation.metrics.condition_accuracy import condition_accuracy
from ganbench.evaluation.metrics.frechet import fid
from ganbench.evaluation.metrics.manifold import prdc
from ganbench.evaluation.moments import Point
from ganbench.evaluation.protocol import Protocol
from ganbench.evaluation.sight import classes_shown
from ganbench.params import Params
from ganbench.sampling import first_samples
from ganbench.training.snapshots import read_moments

LEFT_OUT = ("density", "coverage")


@dataclass(frozen=True)
class Viewer:
    """Who looks at the images, and what they are compared with.

    Attributes:
        protocol: of the cell's evaluation; a curve compares fewer images where it asks for fewer.
        store: the packed images.
        eyes: the extractor.
        judge: of the data.
        device: where to compute.
    """

    protocol: Protocol
    store: Store
    eyes: Extractor
    judge: Judge
    device: torch.device


def curve_of(cell: Cell, params: Params, viewer: Viewer, final: Evidence) -> list[Point]:
    """The metrics of every snapshot, the final generator's last; nothing where none was taken.

    A snapshot draws from the noise of the cell's samples and is asked for the same things. The n of the curve's metrics
    is at most ``images.evaluate.curve_samples``; where it is that of the cell's metrics, the last values are the same.

    Args:
        cell: which.
        params: as declared.
        viewer: of the cell's evaluation.
        final: that the cell's metrics were taken on.

    Raises:
        BenchError: a snapshot is missing, damaged or of another network.
    """
    moments = read_moments(cell)
    if not moments:
        return []
    protocol = viewer.protocol.at_most(params.images.evaluate.curve_samples)
    rows, chosen = (one.rows(viewer.store, "train") for one in (viewer.protocol, protocol))
    few = Evidence(
        final.judged[: protocol.n],
        final.reference[np.flatnonzero(np.isin(rows, chosen))],
        {},
        protocol.neighbours,
        final.classes,
        None,
        asked=None if final.asked is None else final.asked[: protocol.n],
        shown=None if final.shown is None else final.shown[: protocol.n],
        extractor=final.extractor,
    )
    points = []
    for moment in moments[:-1]:
        images = first_samples(cell, params, viewer.device, moment, protocol.n)
        seen = viewer.eyes.see(images, viewer.device)
        shown = None
        if few.asked is not None:
            shown = classes_shown(images, seen, viewer.eyes, viewer.judge, viewer.device)
        points.append((moment, _measure(replace(few, judged=seen, shown=shown))))
    return [*points, (moments[-1], _measure(few))]


def _measure(evidence: Evidence) -> dict[str, float]:
    values = fid(evidence) | prdc(evidence)
    with suppress(NotApplicable):
        values |= condition_accuracy(evidence)
    return {name: value for name, value in values.items() if not name.startswith(LEFT_OUT)}
