"""Which images the metrics of a track compare, and how that is recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.measurement import Measured, measurements
from ganbench.params import FILE, Images


@dataclass(frozen=True)
class Protocol:
    """Which images are compared: equally many on each side, for the distance between two samples falls with their size.

    The reference is a random n of the training images, for the floor as for every cell; generated images are judged
    against it exactly as n held-out real images are, whose score is the floor: what a perfect generator would get.

    Attributes:
        n: images on each side.
        neighbours: k of precision, recall, density and coverage.
        seed: of the choice of rows.
    """

    n: int
    neighbours: int
    seed: int

    @classmethod
    def of(cls, images: Images, store: Store) -> Protocol:
        """The protocol that params.yaml and the size of the store imply.

        Raises:
            BenchError: too few images for k neighbours.
        """
        bounds = {
            "images.evaluate.samples": images.evaluate.samples,
            "images.sample.count": images.sample.count,
            "training images": store.meta.train,
            "held-out images": store.meta.test,
        }
        n, k = min(bounds.values()), images.evaluate.neighbours
        if n <= k:
            least = min(bounds, key=lambda name: bounds[name])
            raise BenchError(
                f"{FILE}: images.evaluate.neighbours: {k}: needs more than {k} images on each side, "
                f"but there are {n} ({least}); allowed: 1 to {n - 1}"
                if n > 1
                else f"{FILE}: {least}: {n}: the metrics need at least 2 images on each side"
            )
        if images.evaluate.curve_samples <= k:
            raise BenchError(
                f"{FILE}: images.evaluate.curve_samples: {images.evaluate.curve_samples}: "
                f"needs more than {k} (images.evaluate.neighbours); allowed: from {k + 1}"
            )
        return cls(n, k, images.evaluate.seed)

    def at_most(self, size: int) -> Protocol:
        """The same with no more than so many images on each side."""
        return replace(self, n=min(self.n, size))

    def rows(self, store: Store, split: str) -> NDArray[np.int64]:
        """The n rows of a split that are compared, in ascending order."""
        return np.sort(self._order(store, split)[: self.n])

    def labels(self, store: Store) -> NDArray[np.int64] | None:
        """Those of the training images that are compared, (n,); None where the data have fewer than two classes."""
        return store.labels("train")[self.rows(store, "train")] if len(store.meta.classes) > 1 else None

    def few(self, store: Store, share: float) -> NDArray[np.int64]:
        """A share of the training rows, at least one, in ascending order: the last to be drawn for the comparison."""
        return np.sort(self._order(store, "train")[-max(1, round(share * store.meta.train)) :])

    def _order(self, store: Store, split: str) -> NDArray[np.int64]:
        stream, size = (0, store.meta.train) if split == "train" else (1, store.meta.test)
        return np.random.default_rng([self.seed, stream]).permutation(size)


def record(
    protocol: Protocol,
    extractor: dict[str, Any],
    judge: Judge,
    store: Store,
    found: Measured,
    floor: dict[str, float],
    networks: dict[str, str],
) -> dict[str, Any]:
    """The record of an evaluation, for record.json.

    Args:
        protocol: which images.
        extractor: what it is.
        judge: of the data.
        store: the packed images.
        found: the metrics.
        floor: those of held-out real images, by name.
        networks: digests of those that the metrics read.
    """
    return {
        "protocol": asdict(protocol) | {"reference": "a random n of the training images"},
        "extractor": extractor,
        "judge": {"digest": judge.digest, **asdict(judge.card)},
        "networks": networks,
        "data": {"dataset": store.meta.dataset, "filter": store.meta.filter, "sha256": store.meta.sha256},
        "metrics": [asdict(one) for one in measurements(found, floor, {}, networks, store.meta.sha256["train"])],
        "left_out": found.left_out,
    }
