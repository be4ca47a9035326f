"""Authenticity: whether an image is new, or a training image over again."""

from __future__ import annotations

from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric


@metric(authenticity=Gives("extractor"))
def authenticity(evidence: Evidence) -> dict[str, float]:
    """``authenticity_judge_{n}``: the share of judged images that are not nearer to a training image than its like.

    It only means something beside the floor: held-out real images, which are no copies of anything, score little above
    one half.

    Raises:
        NotApplicable: how far training images are from each other was not measured.
    """
    return {f"authenticity_{evidence.extractor}_{evidence.n}": authentic(evidence.nearest["feature"])}


def authentic(found: Nearest) -> float:
    """The share of images whose nearest training image has another training image that is nearer still.

    Alaa et al. 2022, "How Faithful is your Synthetic Data?", section 4.3. Distances are exact, over all training
    images, and a copy is never authentic, not even of a training image that is there twice.

    Raises:
        NotApplicable: as of `authenticity`.
    """
    if found.reach is None:
        raise NotApplicable("how far the training images are from each other was not measured")
    return float((found.distances[:, 0] > found.reach).mean())
