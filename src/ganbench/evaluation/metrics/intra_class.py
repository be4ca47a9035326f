"""The Fréchet distance within each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric
from ganbench.evaluation.metrics.condition_accuracy import asked_labels
from ganbench.evaluation.metrics.frechet import frechet_distance, moments

LEAST = 2
"""Images of a class on either side, below which there is no covariance."""


@metric(intra_fid=Gives("extractor", 0.0))
def intra_fid(evidence: Evidence) -> dict[str, float]:
    """``intra_fid_judge_{n}``: `intra_class_distance` of n judged and n training images of all classes.

    A class has about n/c images, so this is far above ``fid_judge_{n}`` even for real images: compare with the floor.

    Raises:
        NotApplicable: labels were not asked for, or no class has images enough.
    """
    labels = asked_labels(evidence)
    if evidence.reference_labels is None:
        raise NotApplicable("the training images have no classes")
    judged, reference = evidence.judged.features, evidence.reference.features
    value = intra_class_distance(judged, labels, reference, evidence.reference_labels)
    if value is None:
        raise NotApplicable(f"no class has {LEAST} images on either side")
    return {f"intra_fid_{evidence.extractor}_{evidence.n}": value}


def intra_class_distance(
    x: NDArray[np.floating], x_labels: NDArray[np.int64], y: NDArray[np.floating], y_labels: NDArray[np.int64]
) -> float | None:
    """The mean over the classes of the Fréchet distance between the images of a class on both sides.

    Miyato and Koyama 2018, "cGANs with Projection Discriminator", section 4.1. Classes with fewer than two images on
    either side have no covariance and are left out of the mean; fewer images than features are no obstacle.

    Args:
        x: features (n, d); x_labels: (n,), below 0 where there is none.
        y: features (m, d); y_labels: (m,).

    Returns:
        None where no class is left.
    """
    distances = []
    for label in np.unique(x_labels[x_labels >= 0]):
        sides = x[x_labels == label], y[y_labels == label]
        if min(map(len, sides)) >= LEAST:
            distances.append(frechet_distance(*moments(sides[0]), *moments(sides[1])))
    return float(np.mean(distances)) if distances else None
