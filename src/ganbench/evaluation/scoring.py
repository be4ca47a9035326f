"""A cell's discriminator on real and on generated images, told what it was told in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import Cell
from ganbench.data.source import Split
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.calibration import probability_of
from ganbench.evaluation.extractor import digest_of
from ganbench.evaluation.features import Told, score
from ganbench.evaluation.matching import Matching, strangers
from ganbench.evaluation.metric import Scores
from ganbench.games.tracks import recipe_of
from ganbench.params import Params

Images = NDArray[np.uint8]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Teller:
    """What the players are told of real images.

    Attributes:
        store: the packed images.
        tells: ``nothing``, ``labels`` or ``captions``.
    """

    store: Store
    tells: str

    def known(self, split: Split, rows: Rows) -> Rows:
        """Those rows of a split of which there is something to tell: all, but for images without a label."""
        return rows[self.store.labels(split)[rows] >= 0] if self.tells == "labels" else rows

    def of(self, split: Split, rows: Rows) -> dict[str, Told]:
        """What is told of some rows of a split: ``labels`` (n,), or n ``captions``, or nothing."""
        if self.tells == "labels":
            return {"labels": self.store.labels(split)[rows]}
        if self.tells == "captions":
            texts = self.store.captions(split)
            return {"captions": [texts[row] for row in rows]}
        return {}

    def meanings(self, rows: Rows) -> list[object]:
        """What held-out captions mean: their attributes, or their text where these are not known."""
        attributes = Asked.of(self.store, rows, self.tells).attributes
        if attributes:
            return list(zip(*(values.tolist() for values in attributes.values()), strict=True))
        texts = self.store.captions("test")
        return [texts[row] for row in rows]


@dataclass(frozen=True)
class Audience:
    """The images that a discriminator scores.

    Attributes:
        train: rows of the training split.
        held_out: rows of the test split.
        generated: uint8 (n, H, W, C).
        asked: rows of the test split whose label or caption was asked for; None: nothing was.
    """

    train: Rows
    held_out: Rows
    generated: Images
    asked: Rows | None


def scores_of(
    cell: Cell, params: Params, teller: Teller, audience: Audience, device: torch.device
) -> tuple[Scores, Matching | None, str]:
    """The discriminator's scores, those of real images with a right and with a wrong text, and its weights' digest.

    The second are None where it knows no texts, or where all texts mean the same.

    Raises:
        BenchError: the discriminator is missing, or its scores are not finite.
    """
    from ganbench.sampling import load_discriminator

    discriminator, threshold = load_discriminator(cell, params, device)

    def judged(split: Split, rows: Rows, texts: Rows | None = None) -> NDArray[np.float64]:
        told = teller.of(split, rows if texts is None else texts)
        return score(discriminator, teller.store.images(split)[rows], device, **told)

    held_out_rows = teller.known("test", audience.held_out)
    told = {} if audience.asked is None else teller.of("test", audience.asked)
    train = judged("train", teller.known("train", audience.train))
    held_out = judged("test", held_out_rows)
    generated = score(discriminator, audience.generated, device, **told)
    parts = [train, held_out, generated]
    matching = None
    if teller.tells == "captions":
        others = strangers(teller.meanings(held_out_rows), params.images.evaluate.seed)
        if others is not None:
            matching = Matching(held_out, judged("test", held_out_rows, held_out_rows[others]))
            parts.append(matching.mismatched)
    if not all(np.isfinite(part).all() for part in parts):
        raise BenchError(f"{cell.train_dir / 'discriminator.safetensors'}: its scores are not all finite numbers")
    recipe = recipe_of(cell.track, cell.variant, params)
    probability, refused = probability_of(recipe.objective), recipe.condition.refused
    scores = Scores(train, held_out, generated, threshold, probability, refused)
    return scores, matching, digest_of(discriminator)
