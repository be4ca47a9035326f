"""Which images the metrics of a track compare, and how that is recorded."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.measurement import Beside, Measured, measurements
from ganbench.params import FILE, Images, Pupil


@dataclass(frozen=True)
class Protocol:
    """Which images are compared: equally many on each side, for the distance between two samples falls with their size.

    The reference is a random n of the training images, for the floor as for every cell; generated images are judged
    against it exactly as held-out real images are, whose score is the floor: what a perfect generator would get. Where
    fewer than n are held out, the floor is of these, against as many training images, and its names say so.

    Attributes:
        n: images on each side.
        held_out: on each side of the floor; at most n.
        neighbours: k of precision, recall, density and coverage.
        seed: of the choice of rows.
        pupil: how classifiers are taught from what is compared.
    """

    n: int
    held_out: int
    neighbours: int
    seed: int
    pupil: Pupil

    @classmethod
    def of(cls, images: Images, store: Store) -> Protocol:
        """The protocol that params.yaml and the size of the store imply.

        Raises:
            BenchError: too few images for k neighbours.
        """
        settings, k = images.evaluate, images.evaluate.neighbours
        bounds = {
            "images.evaluate.samples": settings.samples,
            "images.sample.count": images.sample.count,
            "training images": store.meta.train,
            "held-out images": store.meta.test,
        }
        fewest = min(bounds, key=lambda name: bounds[name])
        held_out = bounds[fewest]
        if held_out <= k:
            raise BenchError(
                f"{FILE}: images.evaluate.neighbours: {k}: needs more than {k} images on each side, "
                f"but there are {held_out} ({fewest}); allowed: 1 to {held_out - 1}"
                if held_out > 1
                else f"{FILE}: {fewest}: {held_out}: the metrics need at least 2 images on each side"
            )
        if settings.curve_samples <= k:
            raise BenchError(
                f"{FILE}: images.evaluate.curve_samples: {settings.curve_samples}: "
                f"needs more than {k} (images.evaluate.neighbours); allowed: from {k + 1}"
            )
        if settings.bound == "training":
            del bounds["held-out images"]
        return cls(min(bounds.values()), held_out, k, settings.seed, settings.pupil)

    @property
    def floor(self) -> Protocol:
        """That of the floor: the same where enough are held out."""
        return self.at_most(self.held_out)

    @property
    def described(self) -> dict[str, Any]:
        """For the record."""
        return vars(self) | {"pupil": self.pupil.model_dump()}

    def beside(self, name: str) -> str:
        """What a value of the floor is called among those of cells: `held_out` in its name is n there."""
        return re.sub(rf"(.*_){self.held_out}(?=_|$)", rf"\g<1>{self.n}", name, count=1)

    def at_most(self, size: int) -> Protocol:
        """The same with no more than so many images on each side."""
        return replace(self, n=min(self.n, size), held_out=min(self.held_out, size))

    def rows(self, store: Store, split: str) -> NDArray[np.int64]:
        """The rows of a split that are compared, n or as many as there are, in ascending order."""
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
    floor: Beside,
    networks: dict[str, str],
) -> dict[str, Any]:
    """The record of an evaluation, for record.json.

    Args:
        protocol: which images.
        extractor: what it is.
        judge: of the data.
        store: the packed images.
        found: the metrics.
        floor: those of held-out real images.
        networks: digests of those that the metrics read.
    """
    return {
        "protocol": protocol.described | {"reference": "a random n of the training images"},
        "extractor": extractor,
        "judge": {"digest": judge.digest, **asdict(judge.card)},
        "networks": networks,
        "data": {"dataset": store.meta.dataset, "filter": store.meta.filter, "sha256": store.meta.sha256},
        "metrics": [asdict(one) for one in measurements(found, floor, {}, networks, store.meta.sha256["train"])],
        "left_out": found.left_out,
    }
