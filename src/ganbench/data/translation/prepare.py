"""From a raw set to the two domains of a translation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import prepared_dir
from ganbench.data.arrival import Arrived, decode_all
from ganbench.data.decode import Recipe
from ganbench.data.pack import Table, read_blocks, write_blocks, write_preview
from ganbench.data.prepare import divided, whole_folder
from ganbench.data.source import NO_LABEL, Source, Split
from ganbench.data.split import Division
from ganbench.data.store import META, Meta
from ganbench.data.translation.domains import Direction, Domains, alternative_file
from ganbench.data.translation.task import Images, Task, View, open_domains
from ganbench.errors import BenchError
from ganbench.params import FILE, Params, Translation
from ganbench.pictures import grid, scale_for

TRACK = "translation"
TRANSLATION_FILE = Path("data/translation.json")
"""The task and its raw set, as the stage `check` writes them."""
SPLITS: tuple[Split, Split] = ("train", "test")
DIRECTIONS: tuple[Direction, Direction] = ("ba", "ab")
"""By the domain, a or b, in which they end."""
PREVIEW = 8
"""Rows and columns of pairs in the preview."""


def described(params: Params) -> dict[str, str]:
    """The task and its raw set, ``{"task": "edges", "dataset": "shapes"}``; empty without the track."""
    track = params.translation
    return {} if track is None else {"task": track.task.name, "dataset": track.dataset}


def prepare_translation(params: Params) -> None:
    """Write data/prepared/translation: the stores ``a`` and ``b``, ``pairing.json``, and a picture of held-out rows.

    Unpaired domains of a known mapping are made of disjoint halves of the training images. Where there is a second
    mapping that is as right, its answers for the held-out rows are ``a_alternative.npy`` and ``b_alternative.npy``.

    Raises:
        BenchError: the track is not declared; too many unreadable images; a domain without images for a split.
    """
    track = params.translation
    if track is None:
        raise BenchError(f"{FILE}: {TRACK}: missing; the track needs a dataset and variants")
    task, source, views = open_domains(track)
    recipe = Recipe(track.resolution, track.channels, track.prepare.filter, task.joint)
    with whole_folder(prepared_dir(TRACK)) as folder:
        pixels = folder / "pixels"
        arrived = decode_all(source, recipe, track.prepare, pixels, TRACK)
        division, near = divided(arrived, source, recipe, track.prepare, pixels, TRACK)
        writer = _Writer(task, track, source, recipe, pixels, arrived, division, near)
        for side, view in enumerate(views):
            writer.write(folder, side, view)
        for direction, view in zip(DIRECTIONS, task.alternatives(track.channels) or (), strict=False):
            writer.write_answers(folder / alternative_file(direction), view)
        pixels.unlink()
        task.pairing().write(folder)
        write_domains_preview(folder)


@dataclass(frozen=True)
class _Writer:
    """The images of a raw set, prepared and divided, from which the domains are written."""

    task: Task
    track: Translation
    source: Source
    recipe: Recipe
    pixels: Path
    arrived: Arrived
    division: Division
    near_duplicates: int

    def write(self, folder: Path, side: int, view: View) -> None:
        """The packed store of a domain."""
        domain = "ab"[side]
        out = folder / domain
        out.mkdir()
        labels = np.array(self.arrived.labels)
        shape = (self.recipe.resolution, self.recipe.resolution, view.channels)
        written = {}
        counts = {}
        for split in SPLITS:
            places = self.places(split, side, view, labels)
            rows = self.division.rows[split][places]
            counts[split] = len(rows)
            digests: list[bytes] = []
            blocks = self._seen(view, rows, places, digests)
            written[split] = write_blocks(blocks, len(rows), shape, out / f"{split}.npy")
            sources = [self.arrived.sources[row] for row in rows]
            known = labels[rows] if view.label is None else np.full(len(rows), 0 if view.name else NO_LABEL)
            Table(known.tolist(), sources, digests, {}).write(np.arange(len(rows)), out / f"{split}.parquet")
        meta = Meta(
            dataset=f"{self.track.task.name} of {self.track.dataset}, {domain}",
            resolution=self.recipe.resolution,
            channels=view.channels,
            filter=self.recipe.filter,
            classes=self.source.classes if view.label is None else [view.name],
            train=counts["train"],
            test=counts["test"],
            unreadable=self.arrived.unreadable,
            duplicates_dropped=self.division.duplicates,
            mean=written["train"].mean,
            std=written["train"].std,
            sha256={split: statistics.sha256 for split, statistics in written.items()},
            near_duplicates_dropped=self.near_duplicates,
        )
        meta.write(out / META)
        write_preview(out, meta)

    def places(self, split: Split, side: int, view: View, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which images of a split are those of a domain, by their places in it.

        Raises:
            BenchError: none.
        """
        rows = self.division.rows[split]
        pairing = self.task.pairing()
        places = np.arange(len(rows)) if view.label is None else np.flatnonzero(labels[rows] == view.label)
        if view.label is None and split == "train" and not pairing.paired:
            half = len(places) // 2
            places = places[half:] if side else places[:half]
        if not len(places):
            of_class = f" of {view.name!r}" if view.name else ""
            raise BenchError(f"{self.source.root.as_posix()}: no image{of_class} for {split} of domain {'ab'[side]}")
        return places

    def write_answers(self, out: Path, view: View) -> None:
        """The held-out images as a view sees them, as one array."""
        rows = self.division.rows["test"]
        blocks = self._seen(view, rows, np.arange(len(rows)), [])
        write_blocks(blocks, len(rows), (self.recipe.resolution, self.recipe.resolution, view.channels), out)

    def _seen(
        self, view: View, rows: NDArray[np.int64], places: NDArray[np.int64], digests: list[bytes]
    ) -> Iterator[Images]:
        """Blocks of a domain; the hash of each image's pixels is noted in `digests`."""
        start = 0
        for block in read_blocks(self.pixels, rows, self.recipe.shape):
            seen = view.see(block, places[start : start + len(block)])
            start += len(block)
            digests += [hashlib.sha256(image.tobytes()).digest() for image in seen]
            yield seen


def write_domains_preview(root: Path) -> None:
    """``preview.png``: held-out rows of a and b in turn, side by side; aligned where the right answer is known."""
    domains = Domains.open(root)
    count = min(PREVIEW**2 // 2, domains.a.meta.test, domains.b.meta.test)
    sides = [
        np.broadcast_to(images, (*images.shape[:3], 3))
        for images in (domains.a.images("test")[:count], domains.b.images("test")[:count])
    ]
    both = np.stack(sides, axis=1).reshape(-1, *sides[0].shape[1:])
    grid(both, PREVIEW, scale=scale_for(domains.a.meta.resolution)).save(root / "preview.png")
