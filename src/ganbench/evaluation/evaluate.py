"""Evaluate a cell: its samples against the real images, its discriminator on both."""

from __future__ import annotations

import json
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import Cell, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.features import score, see
from ganbench.evaluation.figures import draw_verdict
from ganbench.evaluation.floor import Floor
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.metric import Evidence, Scores, measure
from ganbench.evaluation.metrics.discrimination import verdict
from ganbench.evaluation.neighbours import Exhibit, nearest_in_features, nearest_in_pixels, picture
from ganbench.evaluation.protocol import Protocol, record
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.device import pick_device

SAMPLES, STATUS = "samples.npz", "status.json"


def evaluate_cell(cell: Cell, params: Params) -> dict[str, Any]:
    """Evaluate a cell; write its evaluation directory and its metrics.

    Judged are the first n samples against the same n training images as the floor. A cell that diverged has no samples:
    its metrics say where it stopped, its directory holds the reason alone.

    Returns:
        the metrics by name, and the status.

    Raises:
        BenchError: an input is missing or damaged, does not match the others, or has too few images.
    """
    stopped = _read_status(cell)
    return _finished(cell, params) if stopped is None else _diverged(cell, stopped)


def _finished(cell: Cell, params: Params) -> dict[str, Any]:
    store = Store.open(prepared_dir(cell.track))
    protocol = Protocol.of(params.images, store)
    samples = _read_samples(cell, store, protocol.n)
    device = pick_device(params.device)
    judge = Judge.load(judge_dir(cell.track), device)
    floor = Floor.load(cell.track, protocol, judge)
    train, held_out = store.images("train"), store.images("test")[floor.held_out_rows]
    seen = see(judge, samples, device)
    nearest = {
        "pixel": nearest_in_pixels(samples, train),
        "feature": nearest_in_features(seen.features, floor.train_features),
    }
    scores = _scores(cell, params, device, train[protocol.rows(store, "train")], held_out, samples)
    classes = judge.card.task == "classes"
    values, left_out = measure(Evidence(seen, floor.reference, nearest, protocol.neighbours, classes, scores))
    found = verdict(scores)
    with fresh_directory(cell.evaluation_dir) as folder:
        for space, rows in nearest.items():
            sheet = picture(Exhibit(samples, rows), Exhibit(held_out, floor.nearest[space]), train)
            sheet.save(folder / f"neighbours_{space}.png")
        draw_verdict(scores, found, str(cell), folder / "discriminator.png")
        recorded = record(protocol, judge, store, values, floor.values, left_out)
        recorded["discriminator"] = {
            "threshold": found.threshold,
            "threshold_from": "midpoint of the mean scores" if scores.threshold is None else "the objective",
        }
        write_json(folder / "record.json", recorded)
    metrics = {"status": "finished", **values}
    write_json(cell.metrics_path, metrics)
    return metrics


def _diverged(cell: Cell, status: dict[str, Any]) -> dict[str, Any]:
    with fresh_directory(cell.evaluation_dir) as folder:
        write_json(folder / "record.json", status)
    metrics = {key: status[key] for key in ("status", "iteration", "images")}
    write_json(cell.metrics_path, metrics)
    return metrics


def _scores(
    cell: Cell,
    params: Params,
    device: torch.device,
    train: NDArray[np.uint8],
    held_out: NDArray[np.uint8],
    generated: NDArray[np.uint8],
) -> Scores:
    from ganbench.sampling import load_discriminator

    discriminator, threshold = load_discriminator(cell, params, device)
    parts = [score(discriminator, images, device) for images in (train, held_out, generated)]
    if not all(np.isfinite(part).all() for part in parts):
        raise BenchError(f"{cell.train_dir / 'discriminator.safetensors'}: its scores are not all finite numbers")
    return Scores(parts[0], parts[1], parts[2], threshold)


def _read_status(cell: Cell) -> dict[str, Any] | None:
    """The status of a cell that diverged; None where it finished.

    Raises:
        BenchError: the status is damaged or incomplete.
    """
    path = cell.samples_dir / STATUS
    if not path.exists():
        return None
    try:
        status = json.loads(path.read_text(encoding="utf-8"))
        complete = {key: status[key] for key in ("status", "iteration", "images", "reason")}
    except (ValueError, KeyError, TypeError) as error:
        raise BenchError(f"{path}: not the status of a training: {error}; run {_stage('sample', cell)}") from None
    if complete["status"] != "diverged":
        raise BenchError(f"{path}: status: {complete['status']!r}; allowed here: 'diverged'")
    return complete


def _read_samples(cell: Cell, store: Store, n: int) -> NDArray[np.uint8]:
    """The first n samples, uint8 (n, H, W, C).

    Raises:
        BenchError: they are missing, damaged, too few, or not like the store's images.
    """
    path = cell.samples_dir / SAMPLES
    again = f"run {_stage('sample', cell)}"
    try:
        with np.load(path) as arrays:
            images: NDArray[np.uint8] = arrays["images"]
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; {again}") from None
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise BenchError(f"{path}: not readable as samples: {error}; {again}") from None
    shape = (store.meta.resolution, store.meta.resolution, store.meta.channels)
    if images.dtype != np.uint8 or images.shape[1:] != shape:
        raise BenchError(f"{path}: images: {images.dtype} {images.shape}; expected uint8 (N, {shape})")
    if len(images) < n:
        raise BenchError(f"{path}: {len(images)} images, but images.sample.count promises at least {n}; {again}")
    return images[:n]


def _stage(name: str, cell: Cell) -> str:
    return f"dvc repro {name}@{cell.variant}-{cell.seed}"
