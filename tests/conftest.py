"""What tests share."""

from __future__ import annotations

import hashlib
import json
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ruamel.yaml import YAML

from ganbench.params import Params

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """A shell's background jobs are born deaf to Ctrl-C; what tests interrupt must hear it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


NAMES, SIZES = ("a", "b", "c"), ("big", "small")
"""Classes of the small store, and what its captions say of their images beside the class."""


@pytest.fixture(scope="session", autouse=True)
def _one_thread_from_the_start() -> None:
    """Fixtures of modules train with as many threads as the tests: sums over two are rounded otherwise."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Several workers share the cores, and threads that wait for each other would slow all of them down."""
    torch.set_num_threads(1)


@pytest.fixture
def small_params() -> Params:
    """The project's params.yaml with small networks and a tiny budget."""
    values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    images = values["images"]
    images |= {"budget_kimg": 1.28}
    images["training"] |= {"batch_size": 16, "log_every_kimg": 0.16, "pictures": 2}
    images["sample"] |= {"count": 40}
    for variant in images["variants"].values():
        variant["network"] = {"mlp": {"width": 16}} if variant["network"] == "mlp" else {"dcgan": {"width": 4}}
    return Params.model_validate(values | {"device": "cpu"})


@pytest.fixture
def small_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A packed store of random 16-pixel images in a project of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "data/prepared/images"
    root.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for split, count in {"train": 100, "test": 40}.items():
        np.save(root / f"{split}.npy", rng.integers(0, 256, (count, 16, 16, 1), dtype=np.uint8))
        labels = rng.integers(0, 3, count).astype(np.int32)
        names = [f"{split}/{row}" for row in range(count)]
        sizes = np.random.default_rng(1).choice(SIZES, count)
        captions = [f"a {size} {NAMES[label]}" for size, label in zip(sizes, labels, strict=True)]
        table = {
            "label": labels,
            "source": names,
            "sha256": [f"{row:064x}" for row in range(count)],
            "caption": captions,
        }
        pd.DataFrame(table).to_parquet(root / f"{split}.parquet")
    meta = {
        "dataset": "toy",
        "resolution": 16,
        "channels": 1,
        "filter": "lanczos",
        "classes": list(NAMES),
        "train": 100,
        "test": 40,
        "unreadable": 0,
        "duplicates_dropped": 0,
        "mean": [127.5],
        "std": [73.9],
        "sha256": {"train": "0" * 64, "test": "1" * 64},
        "words": sorted({"a", *SIZES, *NAMES}),
    }
    (root / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return root


@pytest.fixture
def small_domains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two domains of 16 pixels, known pairs, in a project of its own: B is the negative of A, in colour."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "data/prepared/translation"
    rng = np.random.default_rng(0)
    tiles = {split: rng.integers(0, 256, (count, 4, 4, 1), dtype=np.uint8) for split, count in SPLITS.items()}
    grey = {split: images.repeat(4, axis=1).repeat(4, axis=2) for split, images in tiles.items()}
    _write_domain(root / "a", grey)
    _write_domain(root / "b", {split: (255 - images).repeat(3, axis=3) for split, images in grey.items()})
    pairing = {"task": "toy", "paired": True, "known": True, "invertible": True, "symmetric": False}
    (root / "pairing.json").write_text(json.dumps(pairing), encoding="utf-8")
    return root


SPLITS = {"train": 40, "test": 12}


def _write_domain(root: Path, images: dict[str, np.ndarray]) -> None:
    root.mkdir(parents=True)
    for split, pixels in images.items():
        np.save(root / f"{split}.npy", pixels)
        names = [f"{split}/{row}" for row in range(len(pixels))]
        table = {"label": np.full(len(pixels), -1, np.int32), "source": names, "sha256": names}
        pd.DataFrame(table).to_parquet(root / f"{split}.parquet")
    meta = {
        "dataset": "toy",
        "resolution": 16,
        "channels": images["train"].shape[-1],
        "filter": "lanczos",
        "classes": [],
        **SPLITS,
        "unreadable": 0,
        "duplicates_dropped": 0,
        "mean": [127.5],
        "std": [73.9],
        "sha256": {split: hashlib.sha256(pixels.tobytes()).hexdigest() for split, pixels in images.items()},
    }
    (root / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
