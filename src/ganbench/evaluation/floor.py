"""The floor: held-out real images, evaluated as if they were samples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import floor_dir, floor_metrics, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.attributes import AttributeJudge, values_of
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.extractor import digest_of, extractor
from ganbench.evaluation.features import Seen
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.measurement import Beside
from ganbench.evaluation.metric import Evidence, measure
from ganbench.evaluation.neighbours import nearest_in_features, nearest_in_pixels
from ganbench.evaluation.protocol import Protocol, record
from ganbench.evaluation.sight import classes_shown, described_extractor, tells_classes
from ganbench.evaluation.substitution import of_real_images, save_pupils
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params
from ganbench.training.device import pick_device

FEATURES, TRAIN, RECORD = "features.npz", "train_features.npy", "record.json"
SPACES = ("pixel", "feature")


@dataclass(frozen=True)
class Floor:
    """What the evaluation of the real images leaves for that of the cells.

    Attributes:
        reference: n training images, as the judge sees them.
        held_out_rows: which rows of the test split: n, or as many as are held out.
        nearest: by space, the nearest training images of the held-out ones.
        train_features: of all training images, float32 (N, d), a read-only memory map.
        beside: the metrics, called as those of the cells that they stand beside.
    """

    reference: Seen
    held_out_rows: NDArray[np.int64]
    nearest: dict[str, Nearest]
    train_features: NDArray[np.float32]
    beside: Beside

    @classmethod
    def load(cls, track: str, protocol: Protocol, extractor: str) -> Floor:
        """Read what `evaluate_floor` wrote.

        Args:
            track: whose.
            protocol: that it should have been made under.
            extractor: digest of the extractor that it should have been made by.

        Raises:
            BenchError: it is missing, damaged, or was made under another protocol or by another extractor.
        """
        root, expected = floor_dir(track), protocol.described
        try:
            recorded = json.loads((root / RECORD).read_text(encoding="utf-8"))
            with np.load(root / FEATURES) as arrays:
                found = {name: arrays[name] for name in arrays.files}
            train_features = np.load(root / TRAIN, mmap_mode="r")
            made = {key: recorded["protocol"][key] for key in expected}
            made |= {"extractor": recorded["extractor"]["digest"]}
            entries = {entry["name"]: entry for entry in recorded["metrics"]}
            entries = {protocol.beside(name): entry for name, entry in entries.items()} | entries
            values, counts = ({name: entry[key] for name, entry in entries.items()} for key in ("value", "n"))
        except FileNotFoundError as error:
            raise BenchError(f"{error.filename}: no such file; run dvc repro floor") from None
        except (ValueError, KeyError, TypeError, OSError, BadZipFile) as error:
            raise BenchError(f"{root}: not an evaluation of the real images ({error}); run dvc repro floor") from None
        expected |= {"extractor": extractor}
        if made != expected:
            raise BenchError(f"{root / RECORD}: made by {made}, expected {expected}; run dvc repro floor")
        return cls(
            reference=Seen(found["reference_features"], found["reference_probabilities"]),
            held_out_rows=found["held_out_rows"],
            nearest={space: Nearest(found[f"{space}_distances"], found[f"{space}_rows"]) for space in SPACES},
            train_features=train_features,
            beside=Beside(values, counts),
        )


def evaluate_floor(params: Params, track: str = "images") -> dict[str, float]:
    """Evaluate the held-out real images; write the floor's directory and metrics.

    They are n, or as many as are held out, compared with as many training images; the cells' reference has n all the
    same.

    Returns:
        the metrics by name.

    Raises:
        BenchError: store, judge or device is not as it must be, or there are too few images.
    """
    store = Store.open(prepared_dir(track))
    protocol = Protocol.of(params.images, store)
    own = protocol.floor
    device = pick_device(params.device)
    judge = Judge.load(judge_dir(track), device)
    eyes = extractor(params)
    train, test = store.images("train"), store.images("test")
    held_out_rows = own.rows(store, "test")
    with fresh_directory(floor_dir(track)) as folder:
        everything = eyes.see(train, device, folder / TRAIN)
        held_out = eyes.see(test[held_out_rows], device)
        nearest = {
            "pixel": nearest_in_pixels(test[held_out_rows], train),
            "feature": nearest_in_features(held_out.features, everything.features),
        }
        substitution = of_real_images(own, store, device)
        recognised, networks = recognise(store, test[held_out_rows], track, device)
        evidence = Evidence(
            held_out,
            everything[own.rows(store, "train")],
            nearest,
            protocol.neighbours,
            tells_classes(held_out, eyes, judge),
            None,
            asked=Asked.of(store, held_out_rows),
            shown=classes_shown(test[held_out_rows], held_out, eyes, judge, device),
            reference_labels=own.labels(store),
            recognised=recognised,
            attributes=values_of(store, "train"),
            substitution=substitution,
            extractor=eyes.name,
        )
        found = measure(evidence)
        if substitution:
            save_pupils(substitution, folder)
            networks |= substitution.networks
        _save(folder / FEATURES, everything[protocol.rows(store, "train")], held_out_rows, nearest)
        looked = described_extractor(eyes, judge, device)
        networks |= {"extractor": looked["digest"], "judge": judge.digest}
        write_json(folder / RECORD, record(protocol, looked, judge, store, found, Beside(found.values, {}), networks))
    write_json(floor_metrics(track), {"status": "real", **found.values})
    return found.values


def recognise(
    store: Store, images: NDArray[np.uint8], track: str, device: torch.device
) -> tuple[dict[str, NDArray[np.int64]], dict[str, str]]:
    """By attribute, what the attribute judge finds in images, (n,), and its digest among those of the networks.

    Nothing where the data have no attributes.
    """
    if not store.meta.attributes:
        return {}, {}
    judge = AttributeJudge.load(judge_dir(track), device)
    return judge.recognise(images, device), {"attributes": digest_of(judge.network)}


def _save(path: Path, reference: Seen, held_out_rows: NDArray[np.int64], nearest: dict[str, Nearest]) -> None:
    arrays: dict[str, NDArray[Any]] = {"held_out_rows": held_out_rows}
    arrays |= {f"reference_{field}": values for field, values in vars(reference).items()}
    for space, found in nearest.items():
        arrays |= {f"{space}_distances": found.distances, f"{space}_rows": found.rows}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
