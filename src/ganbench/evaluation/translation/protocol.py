"""Which images the metrics of translations compare, and how that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import Store
from ganbench.data.translation.domains import Direction, Domains
from ganbench.errors import BenchError
from ganbench.evaluation.extractor import digest_of
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.measurement import Beside, Measured, measurements
from ganbench.evaluation.translation.lpips import Lpips
from ganbench.params import FILE, TranslationEvaluate

LEAST = 2
DOMAINS = ("a", "b")
REAL, BASELINE = "real", "identity"


@dataclass(frozen=True)
class Protocol:
    """Which images are compared: the first n held-out ones of each domain, whose order is random.

    Distances between sets of images are against n random training images of the domain, for the ceiling and the
    baseline as for every cell.

    Attributes:
        n: images on each side.
        seed: of the choice of training images.
    """

    n: int
    seed: int

    @classmethod
    def of(cls, settings: TranslationEvaluate, domains: Domains) -> Protocol:
        """The protocol that params.yaml and the sizes of the domains imply.

        Raises:
            BenchError: too few images.
        """
        bounds = {"translation.evaluate.samples": settings.samples}
        for name, store in (("a", domains.a), ("b", domains.b)):
            bounds |= {
                f"training images of domain {name}": store.meta.train,
                f"held-out images of domain {name}": store.meta.test,
            }
        least = min(bounds, key=lambda name: bounds[name])
        if bounds[least] < LEAST:
            raise BenchError(f"{FILE}: {least}: {bounds[least]}: the metrics need at least {LEAST} images on each side")
        return cls(bounds[least], settings.seed)

    def rows(self, store: Store, stream: int) -> NDArray[np.int64]:
        """The n training rows of a domain that its translations are compared with, in ascending order."""
        return np.sort(np.random.default_rng([self.seed, stream]).permutation(store.meta.train)[: self.n])


def record(
    protocol: Protocol,
    judges: dict[str, Judge],
    domains: Domains,
    found: Mapping[Direction, Measured],
    beside: dict[str, dict[str, float]],
    lpips: Lpips | None,
) -> dict[str, Any]:
    """The record of an evaluation, for record.json.

    Args:
        protocol: which images.
        judges: of the domains.
        domains: the data.
        found: the metrics, by direction.
        beside: of `REAL` and `BASELINE`, by name.
        lpips: where it was asked.
    """
    stores = {"a": domains.a, "b": domains.b}
    measured = []
    for direction, of_way in found.items():
        networks = {"judge": judges[direction[1]].digest} | ({} if lpips is None else {"lpips": digest_of(lpips)})
        data = stores[direction[1]].meta.sha256["train"]
        measured += measurements(of_way, Beside(beside[REAL], {}), beside[BASELINE], networks, data)
    return {
        "protocol": asdict(protocol) | {"reference": "a random n of the domain's training images"},
        "judges": {name: {"digest": judge.digest, **asdict(judge.card)} for name, judge in judges.items()},
        "data": {name: {"dataset": store.meta.dataset, "sha256": store.meta.sha256} for name, store in stores.items()},
        "metrics": [asdict(one) for one in sorted(measured, key=lambda one: one.name)],
        "left_out": {f"{name}_{way}": why for way, one in found.items() for name, why in one.left_out.items()},
    }
