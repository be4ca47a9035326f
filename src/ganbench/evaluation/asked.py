"""What each judged image was asked to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import HELD_OUT, Store
from ganbench.evaluation.attributes import values_of

EVERYTHING = "labels and captions"


@dataclass(frozen=True)
class Asked:
    """What was asked for, image by image: that of a held-out row, whose label or caption the generator was told.

    Attributes:
        rows: the held-out rows, int64 (n,).
        labels: int64 (n,), −1 where a row has none; None: labels were not asked for.
        attributes: by name, the value that the caption names, int64 (n,), −1 where it is unknown; empty: captions were
            not asked for, or nothing is known of what they mean.
        unseen: bool (n,): this combination of attributes is in no training image.
    """

    rows: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    attributes: dict[str, NDArray[np.int64]]
    unseen: NDArray[np.bool_]

    def __getitem__(self, part: slice) -> Asked:
        labels = None if self.labels is None else self.labels[part]
        attributes = {name: values[part] for name, values in self.attributes.items()}
        return Asked(self.rows[part], labels, attributes, self.unseen[part])

    @classmethod
    def of(cls, store: Store, rows: NDArray[np.int64], told: str = EVERYTHING) -> Asked:
        """What held-out rows ask for.

        Args:
            store: the packed images.
            rows: of the test split, int64 (n,).
            told: ``labels`` or ``captions``; of the real images themselves, both.
        """
        labelled = "labels" in told and bool(store.meta.classes)
        attributes = values_of(store, "test") if "captions" in told else {}
        return cls(
            rows,
            store.labels("test")[rows] if labelled else None,
            {name: values[rows] for name, values in attributes.items()},
            store.attribute("test", HELD_OUT)[rows] > 0,
        )
