"""What a finished cell left on disk, and the key that identifies it."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.cell import Cell, declaration, floor_metrics, prepared_dir
from ganbench.errors import BenchError
from ganbench.params import Params

TRAINED = ("generator*.safetensors", "given.json", "domains.json", "history.csv", "status.json", "declared.json")
SAMPLED = ("*.npz", "status.json")
PICTURES = (".png", ".gif")
COUNTS = ("iteration", "generator_steps")
SNAPSHOTS, CURVE = "snapshots.csv", "curve.csv"
"""A training that kept snapshots has its learning curve measured."""


@dataclass(frozen=True)
class Finished:
    """A cell whose metrics exist: finished or diverged."""

    cell: Cell
    hashes: dict[str, str]
    """SHA-256 of the outputs that identify it, by short names such as ``train/history.csv``."""

    @property
    def key(self) -> str:
        """SHA-256 over the outputs: the same results have the same key, wherever they came from."""
        return hashlib.sha256(json.dumps(self.hashes, sort_keys=True).encode()).hexdigest()

    @property
    def status(self) -> dict[str, Any]:
        """How the training ended."""
        return _json(self.cell.train_dir / "status.json")

    @property
    def diverged(self) -> bool:
        """Whether a loss was not finite."""
        return bool(self.status["status"] == "diverged")

    @property
    def metrics(self) -> dict[str, float]:
        """The final metrics; of a diverged cell none."""
        return {} if self.diverged else numbers(_json(self.cell.metrics_path))

    @property
    def floor(self) -> dict[str, float]:
        """The same metrics of real images, as far as they were computed."""
        path = floor_metrics(self.cell.track)
        return numbers(_json(path)) if path.exists() else {}

    @property
    def stores(self) -> dict[Path, dict[str, Any]]:
        """Folder of a packed store → what its ``meta.json`` says; of points none."""
        return {path.parent: _json(path) for path in _metas(self.cell)}

    @property
    def data(self) -> dict[str, Any]:
        """The data set's name and hashes: of a packed store, of two together, or of the declaration of points."""
        if self.cell.track != "points":
            return together([*self.stores.values()])
        declared = _json(self.cell.train_dir / "declared.json")
        drawn = {"dataset": declared["dataset"], "pool": declared["training"]["pool"]}
        digest = hashlib.sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()
        return {**drawn, "dataset": declared["dataset"]["name"], "sha256": {"train": digest, "test": digest}}

    @property
    def history(self) -> dict[str, dict[int, float]]:
        """Loss term → images seen → value."""
        return _columns(self.cell.train_dir / "history.csv", "iteration,images,<losses>")

    @property
    def curve(self) -> dict[str, dict[int, float]]:
        """Metric → images seen → value, of the generator at moments of its training; empty without snapshots."""
        path = self.cell.evaluation_dir / CURVE
        return _columns(path, "iteration,images,generator_steps,<metrics>") if path.is_file() else {}

    @property
    def fixed_noise(self) -> dict[int, Path]:
        """Images seen → picture."""
        return {int(path.stem): path for path in sorted(self.cell.pictures_dir.glob("*.png"))}

    @property
    def attachments(self) -> list[Path]:
        """The files that are worth a look."""
        folders = dict.fromkeys((self.cell.samples_dir, self.cell.evaluation_dir))
        pictures = [path for folder in folders for path in sorted(folder.glob("*")) if path.suffix in PICTURES]
        evaluated = (self.cell.evaluation_dir / name for name in ("record.json", CURVE))
        tables = [self.cell.train_dir / "history.csv", *evaluated]
        return [*pictures, *(path for path in tables if path.exists())]


def read(cell: Cell, params: Params) -> Finished | None:
    """A cell's outputs, or None where some are missing: not yet made, not yet pulled, or made as declared otherwise."""
    trained = {f"train/{path.name}": path for name in TRAINED for path in sorted(cell.train_dir.glob(name))}
    sampled = {f"samples/{path.name}": path for name in SAMPLED for path in sorted(cell.samples_dir.glob(name))}
    others = {"metrics": cell.metrics_path, f"evaluation/{CURVE}": cell.evaluation_dir / CURVE}
    there = trained | sampled | {name: path for name, path in others.items() if path.is_file()}
    needed = {"train/history.csv", "train/status.json", "train/declared.json", "metrics"}
    if (cell.train_dir / SNAPSHOTS).is_file() and "samples/status.json" not in sampled:  # it did not diverge
        needed.add(f"evaluation/{CURVE}")
    generators = [name for name in trained if name.endswith(".safetensors")]
    data = all(path.is_file() for path in _metas(cell))
    if not (needed <= there.keys() and generators and sampled and data):
        return None
    if _json(cell.train_dir / "declared.json") != declaration(cell, params):
        return None
    return Finished(cell, {name: _sha256(path) for name, path in there.items()})


def numbers(values: dict[str, Any]) -> dict[str, float]:
    """The entries that are numbers."""
    return {k: float(v) for k, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool)}


def _columns(path: Path, expected: str) -> dict[str, dict[int, float]]:
    """Column → images seen → value, of a table with columns that count and columns of values.

    Raises:
        BenchError: it is not such a table.
    """
    columns: dict[str, dict[int, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                images = int(row.pop("images"))
                for name, value in row.items():
                    if name not in COUNTS and value != "":
                        columns.setdefault(name, {})[images] = float(value)
            except (KeyError, TypeError, ValueError):
                raise BenchError(f"{path}: line {line}: expected {expected} in numbers") from None
    return columns


def together(metas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What ``meta.json`` says of one store; of several what the first one's says, with hashes over those of all."""
    first, *others = metas
    if not others:
        return first
    hashes = {split: "".join(meta["sha256"][split] for meta in metas) for split in first["sha256"]}
    return first | {"sha256": {split: hashlib.sha256(text.encode()).hexdigest() for split, text in hashes.items()}}


def data_hash(cell: Cell) -> str:
    """Of the training splits of a cell's packed stores.

    Raises:
        BenchError: a store is missing.
    """
    digest: str = together([_json(path) for path in _metas(cell)])["sha256"]["train"]
    return digest


def _metas(cell: Cell) -> list[Path]:
    """Descriptions of the packed stores; points have none."""
    if cell.track == "points":
        return []
    root = prepared_dir(cell.track)
    return [root / name / "meta.json" for name in ("a", "b")] if cell.track == "translation" else [root / "meta.json"]


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; `dvc repro` or `dvc pull` brings it") from None
    except ValueError as error:
        raise BenchError(f"{path}: not readable as JSON: {error}") from None
    if not isinstance(content, dict):
        raise BenchError(f"{path}: expected a mapping")
    return content


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
