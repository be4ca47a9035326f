"""Evaluate a translation cell: its outputs against the right answers, the domain, and the way back."""

from __future__ import annotations

from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.evaluation.moments import write_curve
from ganbench.evaluation.status import divergence_of, stage_of, write_diverged
from ganbench.evaluation.translation.curve import curve_of
from ganbench.evaluation.translation.figures import error_sheet
from ganbench.evaluation.translation.floor import load_floor
from ganbench.evaluation.translation.metric import measure, values_of
from ganbench.evaluation.translation.protocol import record
from ganbench.evaluation.translation.setting import Setting
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params

STAGE = "translate"
Images = NDArray[np.uint8]


def evaluate_translation(cell: Cell, params: Params) -> dict[str, Any]:
    """Evaluate a cell of the track `translation`; write its evaluation directory and its metrics.

    The directory holds record.json, for each direction ``errors_{ab|ba}.png``, see `error_sheet`, and ``curve.csv``
    where the training kept snapshots. A cell that diverged has no translations: its metrics say where it stopped.

    Returns:
        the metrics by name, and the status.

    Raises:
        BenchError: an input is missing or damaged, or does not match the others.
    """
    stopped = divergence_of(cell, STAGE)
    return _finished(cell, params) if stopped is None else write_diverged(cell, stopped)


def _finished(cell: Cell, params: Params) -> dict[str, Any]:
    setting = Setting.of(params)
    references, beside = load_floor(setting)
    ways = [setting.way("ab", _read(cell, setting, "ab"), references, _read_if_there(cell, setting, "aba"))]
    if (back := _read_if_there(cell, setting, "ba")) is not None:
        ways.append(setting.way("ba", back, references, _read_if_there(cell, setting, "bab")))
    found, points = measure(ways), curve_of(cell, params, setting, references, ways[0])
    with fresh_directory(cell.evaluation_dir) as folder:
        for way in ways:
            error_sheet(way).save(folder / f"errors_{way.direction}.png")
        recorded = record(setting.protocol, setting.judges, setting.domains, found, beside, setting.lpips)
        write_json(folder / "record.json", recorded)
        write_curve(points, folder)
    metrics = {"status": "finished", **values_of(found)}
    write_json(cell.metrics_path, metrics)
    return metrics


def _read_if_there(cell: Cell, setting: Setting, name: str) -> Images | None:
    """What a second generator made; None where there is none."""
    return _read(cell, setting, name) if (cell.samples_dir / f"{name}.npz").exists() else None


def _read(cell: Cell, setting: Setting, name: str) -> Images:
    """The first n images of a file that `translate` wrote, uint8 (n, H, W, C).

    Args:
        cell: whose.
        setting: says n, and how the images of the domains look.
        name: the domains on the way; the last is the one that the images should belong to.

    Raises:
        BenchError: they are missing, damaged, too few, or not like the images of that domain.
    """
    path, n = cell.samples_dir / f"{name}.npz", setting.protocol.n
    again = f"run {stage_of(cell, STAGE)}"
    try:
        with np.load(path) as arrays:
            images: Images = arrays["images"]
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; {again}") from None
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise BenchError(f"{path}: not readable as translations: {error}; {again}") from None
    shape = setting.held_out(name[-1]).shape[1:]
    if images.dtype != np.uint8 or images.shape[1:] != shape:
        raise BenchError(f"{path}: images: {images.dtype} {images.shape}; expected uint8 (N, {shape}); {again}")
    if len(images) < n:
        raise BenchError(f"{path}: {len(images)} images, expected at least {n}; {again}")
    return images[:n]
