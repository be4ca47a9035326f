"""Evaluate a cell: its samples against the real images, its discriminator on both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import Cell, floor_dir, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.attributes import values_of
from ganbench.evaluation.curve import Viewer, curve_of
from ganbench.evaluation.extractor import extractor
from ganbench.evaluation.figures import draw_verdict
from ganbench.evaluation.floor import Floor, recognise
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.metric import Evidence, measure
from ganbench.evaluation.metrics.discrimination import verdict
from ganbench.evaluation.moments import write_curve
from ganbench.evaluation.neighbours import Exhibit, nearest_in_features, nearest_in_pixels, picture
from ganbench.evaluation.protocol import Protocol, record
from ganbench.evaluation.scoring import Audience, Teller, scores_of
from ganbench.evaluation.sight import classes_shown, described_extractor, tells_classes
from ganbench.evaluation.status import divergence_of, stage_of, write_diverged
from ganbench.evaluation.substitution import described, of_samples
from ganbench.games.tracks import recipe_of
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.device import pick_device

SAMPLES = "samples.npz"


def evaluate_cell(cell: Cell, params: Params) -> dict[str, Any]:
    """Evaluate a cell; write its evaluation directory and its metrics.

    Judged are the first n samples against a random n of the training images, as for the floor. A cell that diverged has
    no samples: its metrics say where it stopped, its directory holds the reason alone.

    Returns:
        the metrics by name, and the status.

    Raises:
        BenchError: an input is missing or damaged, does not match the others, or has too few images.
    """
    stopped = divergence_of(cell, "sample")
    return _finished(cell, params) if stopped is None else write_diverged(cell, stopped)


def _finished(cell: Cell, params: Params) -> dict[str, Any]:
    store = Store.open(prepared_dir(cell.track))
    protocol = Protocol.of(params.images, store)
    teller = Teller(store, recipe_of(cell.track, cell.variant, params).condition.tells)
    samples, rows = _read_samples(cell, store, protocol.n, teller.tells != "nothing")
    device = pick_device(params.device)
    judge = Judge.load(judge_dir(cell.track), device)
    eyes = extractor(params)
    floor = Floor.load(cell.track, protocol, eyes.digest(device))
    train, held_out = store.images("train"), store.images("test")[floor.held_out_rows]
    seen = eyes.see(samples, device)
    nearest = {
        "pixel": nearest_in_pixels(samples, train),
        "feature": nearest_in_features(seen.features, floor.train_features),
    }
    audience = Audience(protocol.rows(store, "train"), floor.held_out_rows, samples, rows)
    scores, matching, discriminator = scores_of(cell, params, teller, audience, device)
    recognised, networks = recognise(store, samples, cell.track, device)
    networks |= {"extractor": eyes.digest(device), "judge": judge.digest, "discriminator": discriminator}
    evidence = Evidence(
        seen,
        floor.reference,
        nearest,
        protocol.neighbours,
        tells_classes(seen, eyes, judge),
        scores,
        recognised=recognised,
        attributes=values_of(store, "train"),
        matching=matching,
        extractor=eyes.name,
    )
    if rows is not None:
        asked = Asked.of(store, rows, teller.tells)
        evidence = replace(
            evidence,
            asked=asked,
            shown=classes_shown(samples, seen, eyes, judge, device),
            reference_labels=protocol.labels(store),
            substitution=of_samples(protocol, store, samples, asked, floor_dir(cell.track), device),
        )
    if evidence.substitution:
        networks |= evidence.substitution.networks
    found, confusion = measure(evidence), verdict(scores)
    points = curve_of(cell, params, Viewer(protocol, store, eyes, judge, device), evidence)
    with fresh_directory(cell.evaluation_dir) as folder:
        for space, rows_of in nearest.items():
            sheet = picture(Exhibit(samples, rows_of), Exhibit(held_out, floor.nearest[space]), train)
            sheet.save(folder / f"neighbours_{space}.png")
        write_curve(points, folder)
        draw_verdict(scores, confusion, str(cell), folder / "discriminator.png")
        looked = described_extractor(eyes, judge, device)
        recorded = record(protocol, looked, judge, store, found, floor.beside, networks)
        recorded["discriminator"] = {
            "threshold": confusion.threshold,
            "threshold_from": "midpoint of the mean scores" if scores.threshold is None else "the objective",
        }
        if evidence.substitution:
            recorded["pupils"] = described(protocol.pupil)
        write_json(folder / "record.json", recorded)
    metrics = {"status": "finished", **found.values}
    write_json(cell.metrics_path, metrics)
    return metrics


def _read_samples(
    cell: Cell, store: Store, n: int, conditional: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """The first n samples, uint8 (n, H, W, C), and the held-out rows that they were asked to be like, (n,).

    Raises:
        BenchError: they are missing, damaged, too few, or not like the store's images.
    """
    path = cell.samples_dir / SAMPLES
    again = f"run {stage_of(cell, 'sample')}"
    try:
        with np.load(path) as arrays:
            images: NDArray[np.uint8] = arrays["images"]
            rows: NDArray[np.int64] | None = arrays["rows"] if conditional else None
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; {again}") from None
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise BenchError(f"{path}: not readable as samples: {error}; {again}") from None
    shape = (store.meta.resolution, store.meta.resolution, store.meta.channels)
    if images.dtype != np.uint8 or images.shape[1:] != shape:
        raise BenchError(f"{path}: images: {images.dtype} {images.shape}; expected uint8 (N, {shape})")
    if len(images) < n:
        raise BenchError(f"{path}: {len(images)} images, but images.sample.count promises at least {n}; {again}")
    if rows is not None and (len(rows) != len(images) or not ((rows >= 0) & (rows < store.meta.test)).all()):
        raise BenchError(f"{path}: rows: not one of the {store.meta.test} held-out rows an image; {again}")
    return images[:n], None if rows is None else rows[:n]
