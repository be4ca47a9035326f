"""How well translations fit the domain that they should belong to, as its judge sees it."""

from __future__ import annotations

from ganbench.evaluation.metrics.frechet import frechet_distance, moments
from ganbench.evaluation.translation.metric import NotApplicable, Way, metric


@metric
def domain_fid(way: Way) -> dict[str, float]:
    """``fid_judge_{ab|ba}_{n}``: n translations against n training images of the domain, by its judge's features."""
    distance = frechet_distance(*moments(way.seen.features), *moments(way.reference.features))
    return {f"fid_judge_{way.protocol}": distance}


@metric
def accuracy(way: Way) -> dict[str, float]:
    """``accuracy_judge_{ab|ba}_{n}``: share of translations in which the domain's judge sees the class of the input.

    The analogue of the FCN score (Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial
    Networks", section 4).

    Raises:
        NotApplicable: the domains have no classes in common.
    """
    if way.labels is None or not (way.labels >= 0).any():
        raise NotApplicable("the domains have no classes in common that their judges could tell")
    known = way.labels >= 0
    right = way.seen.probabilities.argmax(axis=1) == way.labels
    return {f"accuracy_judge_{way.protocol}": float(right[known].mean())}
