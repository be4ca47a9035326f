"""Cell(track, variant, seed): the unit of work, its name and its paths.

All paths are relative to the root of the project, where the stages run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.errors import BenchError
from ganbench.params import FILE, Choice, Params, unknown

RAW = Path("data/raw")
RUNS = Path("runs")
RESULTS = Path("results")
METRICS = RESULTS / "metrics"


def project_root() -> Path:
    """The root of the project: $DVC_ROOT in a stage, for queued experiments run in a temporary copy; else the cwd."""
    return Path(os.environ.get("DVC_ROOT") or Path.cwd()).resolve()


def scratch_dir() -> Path:
    """What outlives a process and is no result: checkpoints and locks; git and DVC ignore it."""
    return project_root() / ".scratch"


def raw_dir(dataset: str) -> Path:
    """Where the raw files of a dataset are: ``data/raw/<dataset>``."""
    return RAW / dataset


def prepared_dir(track: str) -> Path:
    """The packed store of a track."""
    return Path("data/prepared") / track


def judge_dir(track: str) -> Path:
    """The judge's weights."""
    return RUNS / track / "judge"


def points_dir(variant: str) -> Path:
    """What the training of a variant of points leaves: a folder a seed."""
    return RUNS / "points" / variant / "train"


def points_evaluation_dir(variant: str) -> Path:
    """What the evaluation of a variant of points leaves: a folder a seed."""
    return RUNS / "points" / variant / "evaluation"


def gaussian_metrics(track: str) -> Path:
    """The metrics of a Gaussian with the data's mean and covariance: what two moments alone would get."""
    return METRICS / track / "gaussian.json"


def ceiling_metrics(track: str) -> Path:
    """The best that each metric can be, where a closed form is known: a perfect generator's."""
    return METRICS / track / "ceiling.json"


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

    def noise_seed(self, declared: int) -> int:
        """Of the latents that it is evaluated on: the same for every variant, others for every seed.

        On common latents, the sampling errors of seeds would not be independent, as intervals over seeds assume.
        """
        return declared + self.seed

    @property
    def train_dir(self) -> Path:
        """Weights, history, pictures along the way and status."""
        return self._folder("train")

    def weights(self, player: str, ema: bool = True) -> Path:
        """The file of a player's weights: of its moving average where one is kept and `ema` is true."""
        averaged = self.train_dir / f"{player}_ema.safetensors"
        return averaged if ema and averaged.exists() else self.train_dir / f"{player}.safetensors"

    @property
    def samples_dir(self) -> Path:
        """Samples and the pictures made of them; points are drawn and evaluated at once."""
        return self._folder("evaluation" if self.track == "points" else "samples")

    @property
    def pictures_dir(self) -> Path:
        """What the generator makes of the same noise over the course of training, a picture a moment."""
        return (self.evaluation_dir if self.track == "points" else self.train_dir) / "pictures"

    @property
    def evaluation_dir(self) -> Path:
        """Pictures and tables of the evaluation."""
        return self._folder("evaluation")

    def _folder(self, part: str) -> Path:
        """All seeds of a variant of points come from one stage, whose output is one folder."""
        of_all = RUNS / self.track / self.variant
        return of_all / part / str(self.seed) if self.track == "points" else of_all / str(self.seed) / part

    @property
    def metrics_path(self) -> Path:
        """The cell's metrics, kept in git."""
        return METRICS / self.track / self.variant / f"{self.seed}.json"


SHARED = {
    "images": ("dataset", "resolution", "channels", "budget_kimg", "training"),
    "points": ("dataset", "budget_kpoints", "training"),
    "translation": ("dataset", "task", "limit", "resolution", "channels", "budget_kimg", "training"),
}
"""What all variants of a track have in common and a training depends on."""


def declaration(cell: Cell, params: Params) -> dict[str, Any]:
    """What params.yaml says of a cell's training, in plain values; the trainer leaves it with the outputs.

    Raises:
        BenchError: the cell isn't declared.
    """
    track = getattr(params, cell.track) if cell.track in SHARED else None
    if track is None:
        declared = [name for name in SHARED if getattr(params, name)]
        raise BenchError(f"{FILE}: no such cell as {cell}: {unknown('track', cell.track, declared)}")
    if cell.variant not in track.variants:
        raise BenchError(f"{FILE}: no such cell as {cell}: {unknown('variant', cell.variant, track.variants)}")
    values = track.model_dump(mode="json")
    shared = {name: values[name] for name in SHARED[cell.track]}
    return {"cell": str(cell), **shared, "variant": values["variants"][cell.variant]}


def dataset_of(track: str, params: Params) -> str:
    """The name of a track's data; of translation with the task that makes two domains of them, ``shapes-edges``."""
    section = getattr(params, track)
    if track == "translation":
        return f"{section.dataset}-{section.task.name}"
    return section.dataset.name if isinstance(section.dataset, Choice) else str(section.dataset)


def cells(params: Params, track: str | None = None) -> list[Cell]:
    """All cells that params.yaml declares, of all tracks or of one, variant by variant."""
    return [
        Cell(name, variant, seed)
        for name in SHARED
        if (declared := getattr(params, name)) and track in (None, name)
        for variant in declared.variants
        for seed in params.seeds
    ]
