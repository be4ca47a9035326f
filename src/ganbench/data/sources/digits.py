"""scikit-learn's 1,797 handwritten digits: the embedded default, no network needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import SOURCES, Item, Source
from ganbench.data.strokes import ATTRIBUTES, Hand, caption
from ganbench.errors import BenchError
from ganbench.params import Prepare

CARD = "source.json"


@SOURCES.register("digits")
class Digits(Source):
    """8×8 grey digits with the labels 0 to 9; their values 0 … 16 become 0 … 255.

    The raw set is a card, ``source.json``: where the digits come from, and the SHA-256 of their values (1797, 8, 8)
    followed by their labels (1797,), both as uint8. Other digits than those are refused. Captions say what
    `ganbench.data.strokes` measures on the image: «a thick seven, leaning left».
    """

    embedded = True
    captioned = True
    columns = tuple(ATTRIBUTES)
    attributes = ATTRIBUTES
    hand = Hand(
        widths=(1.57, 1.88, 1.64, 1.61, 1.76, 1.57, 1.70, 1.67, 1.80, 1.63),
        slants=(-0.03, -0.01, -0.14, -0.08, 0.01, -0.01, -0.20, 0.13, 0.00, -0.10),
        width_margin=0.06,
        slant_margin=0.033,
    )
    """Medians of all 1,797; margins that leave a third of them in the middle."""

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        self._card = root / CARD
        try:
            card = json.loads(self._card.read_text(encoding="utf-8"))
            self._sha256 = str(card["sha256"])
        except FileNotFoundError:
            raise BenchError(f"{self._card}: no such file; it belongs to the project: git checkout {root}") from None
        except (ValueError, KeyError, TypeError):
            raise BenchError(f"{self._card}: expected a JSON object with the key sha256") from None

    @cached_property
    def _content(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        values, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
        found = hashlib.sha256(values.tobytes() + labels.tobytes()).hexdigest()
        if found != self._sha256:
            raise BenchError(f"{self._card}: sha256: {self._sha256}: the installed scikit-learn has {found}")
        return np.rint(values * (255 / 16)).astype(np.uint8), labels

    @property
    def classes(self) -> list[str]:
        """The ten digits."""
        return [str(digit) for digit in range(10)]

    def __len__(self) -> int:
        return len(self._content[0])

    def __iter__(self) -> Iterator[Item]:
        images, labels = self._content
        attributes = self.hand.attributes(images, labels).tolist()
        for index, (image, label, values) in enumerate(zip(images, labels, attributes, strict=True)):
            yield Item(index, f"digits/{index:04}", image, int(label), extra=tuple(values), caption=caption(values))
