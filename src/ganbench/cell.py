"""Cell(track, variant, seed): the unit of work, its name and its paths.

All paths are relative to the root of the project, where the stages run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.errors import BenchError
from ganbench.params import FILE, Params, unknown

RAW = Path("data/raw")
RUNS = Path("runs")
RESULTS = Path("results")
METRICS = RESULTS / "metrics"


def raw_dir(dataset: str) -> Path:
    """Where the raw files of a dataset are: ``data/raw/<dataset>``."""
    return RAW / dataset


def prepared_dir(track: str) -> Path:
    """The packed store of a track."""
    return Path("data/prepared") / track


def judge_dir(track: str) -> Path:
    """The judge's weights."""
    return RUNS / track / "judge"


def floor_dir(track: str) -> Path:
    """Features of the real images, shared by the evaluation of all cells."""
    return RUNS / track / "floor"


def judge_metrics(track: str) -> Path:
    """The judge's accuracy."""
    return METRICS / track / "judge.json"


def floor_metrics(track: str) -> Path:
    """The metrics of real images against real images."""
    return METRICS / track / "real.json"


@dataclass(frozen=True, order=True)
class Cell:
    """One (track, variant, seed)."""

    track: str
    variant: str
    seed: int

    def __str__(self) -> str:
        return f"{self.track}/{self.variant}/{self.seed}"

    @classmethod
    def parse(cls, text: str) -> Cell:
        """``images/dcgan/0`` → Cell.

        Raises:
            BenchError: not of that form.
        """
        match text.split("/"):
            case [track, variant, seed] if seed.isdecimal():
                return cls(track, variant, int(seed))
        raise BenchError(f"{text!r} is not a cell; expected track/variant/seed, such as images/dcgan/0")

    @property
    def train_dir(self) -> Path:
        """Weights, history, fixed-noise pictures and status."""
        return RUNS / self.track / self.variant / str(self.seed) / "train"

    @property
    def samples_dir(self) -> Path:
        """Samples and the pictures made of them."""
        return RUNS / self.track / self.variant / str(self.seed) / "samples"

    @property
    def evaluation_dir(self) -> Path:
        """Pictures and tables of the evaluation."""
        return RUNS / self.track / self.variant / str(self.seed) / "evaluation"

    @property
    def metrics_path(self) -> Path:
        """The cell's metrics, kept in git."""
        return METRICS / self.track / self.variant / f"{self.seed}.json"


def declaration(cell: Cell, params: Params) -> dict[str, Any]:
    """What params.yaml says of a cell's training, in plain values; the trainer leaves it with the outputs.

    Raises:
        BenchError: the cell isn't declared.
    """
    if cell.track != "images" or cell.variant not in params.images.variants:
        names = params.images.variants
        raise BenchError(f"{FILE}: no such cell as {cell}: {unknown('variant', cell.variant, names)}")
    images = params.images.model_dump(mode="json")
    shared = {name: images[name] for name in ("dataset", "resolution", "channels", "budget_kimg", "training")}
    return {"cell": str(cell), **shared, "variant": images["variants"][cell.variant]}


def cells(params: Params) -> list[Cell]:
    """All cells that params.yaml declares, variant by variant."""
    return [Cell("images", variant, seed) for variant in params.images.variants for seed in params.seeds]
