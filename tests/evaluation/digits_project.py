"""What the tests of the evaluation build on: real digits, packed, and a project around them."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from ganbench.cell import Cell
from ganbench.data.captions import vocabulary
from ganbench.data.store import Meta, Store
from ganbench.params import Params

CPU = torch.device("cpu")
HELD_OUT = 449


def real_digits(resolution: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's digits in a seeded order: uint8 (1797, H, W, 1) and labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    size = (resolution, resolution)
    grey = (found.images * 255 / 16).round().astype(np.uint8)
    images = np.stack([np.asarray(Image.fromarray(one).resize(size, Image.Resampling.LANCZOS)) for one in grey])
    order = np.random.default_rng(0).permutation(len(images))
    return images[order][..., None], found.target[order].astype(np.int32)


def write_store(
    root: Path,
    images: np.ndarray,
    labels: np.ndarray,
    held_out: int,
    classes: list[str],
    captions: list[str] | None = None,
    attributes: dict[str, tuple[list[str], np.ndarray]] | None = None,
) -> Store:
    """A packed store whose last `held_out` images are the test split.

    Attributes are the names of the values and the value of each image, by name; a column ``held_out`` may be there too.
    """
    attributes = attributes or {}
    root.mkdir(parents=True)
    parts = {
        "train": (images[:-held_out], labels[:-held_out]),
        "test": (images[-held_out:], labels[-held_out:]),
    }
    for split, (pixels, label) in parts.items():
        np.save(root / f"{split}.npy", np.ascontiguousarray(pixels))
        table = {
            "label": np.asarray(label, np.int32),
            "source": [f"{split}/{index}" for index in range(len(pixels))],
            "sha256": [hashlib.sha256(one.tobytes()).hexdigest() for one in pixels],
        }
        rows = slice(len(images) - held_out) if split == "train" else slice(len(images) - held_out, None)
        table |= {name: np.asarray(values[rows], np.int8) for name, (_, values) in attributes.items()}
        if captions:
            table["caption"] = captions[rows]
        pd.DataFrame(table).to_parquet(root / f"{split}.parquet")
    digest = {split: hashlib.sha256(pixels.tobytes()).hexdigest() for split, (pixels, _) in parts.items()}
    counts = (len(parts["train"][0]), held_out, 0, 0)
    statistics = ([float(images.mean())] * images.shape[3], [float(images.std())] * images.shape[3])
    meta = Meta("digits", images.shape[1], images.shape[3], "lanczos", classes, *counts, *statistics, digest)
    marked = attributes.get("held_out", ([], np.zeros(len(images))))[1][-held_out:]
    meta = replace(
        meta,
        words=vocabulary(captions[:-held_out]) if captions else [],
        attributes={name: values for name, (values, _) in attributes.items() if name != "held_out"},
        held_out=int(np.sum(marked)),
    )
    (root / "meta.json").write_text(json.dumps(asdict(meta)))
    return Store.open(root)


@dataclass
class Project:
    """A project whose data are prepared and whose judge is trained, in the working directory."""

    cell: Cell
    params: Params

    def write_samples(self, images: np.ndarray, **more: np.ndarray) -> None:
        self.cell.samples_dir.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(self.cell.samples_dir / "samples.npz", images=images, **more)

    def write_status(self, **status) -> None:
        self.cell.samples_dir.mkdir(parents=True, exist_ok=True)
        (self.cell.samples_dir / "status.json").write_text(json.dumps(status))


def declared(condition: str = "none", **images) -> Params:
    """Parameters with one variant and the given settings of the track; pupils are taught briefly."""
    images["evaluate"] = {"pupil": {"steps": 10}} | images.get("evaluate", {})
    variants = {"dcgan": {"network": "dcgan", "objective": "non_saturating", "condition": condition}}
    return Params.model_validate({"device": "cpu", "images": {"variants": variants, **images}})
