"""What a training leaves behind while it runs: its history and its fixed-noise pictures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ganbench.data.batches import to_uint8
from ganbench.pictures import grid, scale_for
from ganbench.training.reading import Reading
from ganbench.training.snapshots import Snapshots

COLUMNS = 8
"""The fixed-noise picture is COLUMNS × COLUMNS images."""


class Watcher(Protocol):
    """Somebody who wants to know while it trains."""

    def losses(self, reading: Reading) -> None:
        """Losses were read."""

    def picture(self, images: int, path: Path) -> None:
        """A fixed-noise picture was drawn, after so many real images."""

    def resumed(self, readings: Sequence[Reading], pictures: Mapping[int, Path]) -> None:
        """The training goes on from a checkpoint; this is what came before, pictures by real images."""

    def saved(self) -> None:
        """A checkpoint was written: what was told so far will not be told again."""


class Recorder:
    """Writes ``history.csv`` and ``pictures/``, has snapshots taken, and tells the watcher.

    Args:
        folder: where to write.
        draw: makes the picture, of the same noise or the same inputs throughout; it leaves no trace in the players or
            in torch's random state.
        watcher: told of every row and picture.
        snapshots: of the same training.
    """

    def __init__(self, folder: Path, draw: Callable[[], Image.Image], watcher: Watcher, snapshots: Snapshots) -> None:
        self._folder = folder
        self._draw = draw
        self._watcher = watcher
        self._snapshots = snapshots
        self._rows: list[Reading] = []
        self._pictures: dict[int, Path] = {}
        (folder / "pictures").mkdir()

    def losses(self, readings: Sequence[Reading]) -> Reading:
        """Add one row: the mean of the readings, or the first that is not finite."""
        last = next((reading for reading in readings if reading.not_finite), readings[-1])
        losses = last.losses
        if not last.not_finite:
            losses = {name: sum(reading.losses[name] for reading in readings) / len(readings) for name in losses}
        row = Reading(last.iteration, last.images, losses)
        self._rows.append(row)
        self._watcher.losses(row)
        return row

    def picture(self, images: int) -> None:
        """Draw the picture."""
        path = self._path(images)
        self._draw().save(path)
        self._pictures[images] = path
        self._watcher.picture(images, path)

    def snapshot(self) -> None:
        """Have a snapshot taken."""
        self._snapshots.take()

    def write_history(self) -> None:
        """Write ``history.csv``: iteration, images, and a column a loss, means since the row before."""
        with (self._folder / "history.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["iteration", "images", *(self._rows[0].losses if self._rows else [])])
            writer.writerows([row.iteration, row.images, *row.losses.values()] for row in self._rows)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The pictures' files, byte by byte, the rows, and when snapshots were taken."""
        files = {str(images): np.fromfile(path, np.uint8) for images, path in self._pictures.items()}
        return {name: torch.from_numpy(file) for name, file in files.items()}, {
            "rows": [asdict(row) for row in self._rows],
            "snapshots": self._snapshots.state(),
        }

    def load_state(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """Put back what `state` gave, in this folder."""
        self._rows = [Reading(**row) for row in notes["rows"]]
        self._snapshots.load_state(notes["snapshots"])
        self._pictures = {}
        for images in sorted(map(int, tensors)):
            self._pictures[images] = self._path(images)
            tensors[str(images)].numpy().tofile(self._path(images))
        self._watcher.resumed(self._rows, self._pictures)

    def saved(self) -> None:
        """Tell the watcher."""
        self._watcher.saved()

    def _path(self, images: int) -> Path:
        return self._folder / "pictures" / f"{images:09d}.png"


def fixed_noise(
    shown: Callable[[], nn.Module], latent_dim: int, asked: Tensor | None = None
) -> Callable[[], Image.Image]:
    """For a recorder: what the generator, in evaluation mode, makes of the same noise as ever.

    Args:
        shown: the generator to draw with, as it is now.
        latent_dim: of its latents.
        asked: what a conditional one is asked for, a column each: labels (K,) or captions (K, L). Rows share the noise.
    """
    columns = COLUMNS if asked is None else len(asked)
    rows = COLUMNS**2 if asked is None else COLUMNS
    noise = torch.randn(rows, latent_dim, generator=torch.Generator().manual_seed(0))
    inputs: tuple[Tensor, ...] = (noise,)
    if asked is not None:
        inputs = (noise.repeat_interleave(columns, 0), asked.repeat(rows, *[1] * (asked.dim() - 1)))

    def draw() -> Image.Image:
        generator = shown()
        device = next(generator.parameters()).device
        training = generator.training
        generator.eval()
        with torch.inference_mode():
            drawn = to_uint8(generator(*[values.to(device) for values in inputs]))
        generator.train(training)
        return grid(drawn, columns, scale=scale_for(drawn.shape[1], 48))

    return draw
