"""Whether images show the class that was asked for, as the judge sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric


def asked_labels(evidence: Evidence) -> NDArray[np.int64]:
    """The labels asked for, (n,), at least one of them known.

    Raises:
        NotApplicable: there are none.
    """
    if evidence.asked is None:
        raise NotApplicable("nothing was asked for: the generator takes no condition")
    if evidence.asked.labels is None:
        raise NotApplicable("labels were not asked for")
    if not (evidence.asked.labels >= 0).any():
        raise NotApplicable("no held-out image has a label to ask for")
    return evidence.asked.labels


def known(evidence: Evidence, _: str = "") -> int:
    """Images that were asked for by a label."""
    return int((asked_labels(evidence) >= 0).sum())


@metric(condition_accuracy=Gives("judge", 1.0, known))
def condition_accuracy(evidence: Evidence) -> dict[str, float]:
    """``condition_accuracy_judge_{n}``: share of the judged images that the judge puts into the class asked for.

    For the floor the judge's accuracy on held-out images: an image of a class that the judge confuses cannot do better.
    A generator that ignores its label gets about 1/c of c equally frequent classes.

    Raises:
        NotApplicable: labels were not asked for, or the judge knows no classes.
    """
    labels = asked_labels(evidence)
    if evidence.shown is None:
        raise NotApplicable("the judge tells rotations, not classes")
    right = evidence.shown == labels
    return {f"condition_accuracy_judge_{evidence.n}": float(right[labels >= 0].mean())}
