"""Which images the metrics of translations compare, and how that is recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import Store
from ganbench.data.translation.domains import Domains
from ganbench.errors import BenchError
from ganbench.evaluation.judge import Judge
from ganbench.params import FILE, TranslationEvaluate

LEAST = 2
DOMAINS = ("a", "b")


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
    values: dict[str, float],
    beside: dict[str, dict[str, float]],
    left_out: dict[str, str],
) -> dict[str, Any]:
    """The record of an evaluation, for record.json.

    Args:
        protocol: which images.
        judges: of the domains.
        domains: the data.
        values: the metrics.
        beside: of the ceiling and of the baseline, by name.
        left_out: what does not apply, and why.
    """
    stores = {"a": domains.a, "b": domains.b}
    measured = [
        {"name": name, "value": value, "n": protocol.n, **{which: found.get(name) for which, found in beside.items()}}
        for name, value in sorted(values.items())
    ]
    return {
        "protocol": asdict(protocol) | {"reference": "a random n of the domain's training images"},
        "judges": {name: {"digest": judge.digest, **asdict(judge.card)} for name, judge in judges.items()},
        "data": {name: {"dataset": store.meta.dataset, "sha256": store.meta.sha256} for name, store in stores.items()},
        "metrics": measured,
        "left_out": left_out,
    }
