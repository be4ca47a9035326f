"""How well translations fit the domain that they should belong to, as its judge sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metrics.frechet import frechet_distance, moments
from ganbench.evaluation.translation.metric import Gives, NotApplicable, Way, metric


@metric(fid=Gives("judge", 0.0))
def domain_fid(way: Way) -> dict[str, float]:
    """``fid_judge_{ab|ba}_{n}``: n translations against n training images of the domain, by its judge's features."""
    distance = frechet_distance(*moments(way.seen.features), *moments(way.reference.features))
    return {f"fid_judge_{way.protocol}": distance}


@metric(accuracy=Gives("judge", 1.0, lambda way, _: int((classes(way) >= 0).sum())))
def accuracy(way: Way) -> dict[str, float]:
    """``accuracy_judge_{ab|ba}_{n}``: share of translations in which the domain's judge sees the class of the input.

    The analogue of the FCN score (Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial
    Networks", section 4).

    Raises:
        NotApplicable: the domains have no classes in common.
    """
    labels = classes(way)
    right = way.seen.probabilities.argmax(axis=1) == labels
    return {f"accuracy_judge_{way.protocol}": float(right[labels >= 0].mean())}


def classes(way: Way) -> NDArray[np.int64]:
    """What the translations should show, (n,), at least one of them known.

    Raises:
        NotApplicable: there are none.
    """
    if way.labels is None or not (way.labels >= 0).any():
        raise NotApplicable("the domains have no classes in common that their judges could tell")
    return way.labels
