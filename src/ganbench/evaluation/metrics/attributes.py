"""Whether images show what their captions say, as the attribute judge sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric

SUFFIXES = {"": False, "_held_out": True}
"""Of combinations that no training image has, or else."""


@metric(attribute_accuracy=Gives("attributes", 1.0, lambda evidence, name: int(_judged(evidence)[name].sum())))
def attribute_accuracy(evidence: Evidence) -> dict[str, float]:
    """``attribute_accuracy_{name}_judge_{n}``, and the same ``_held_out``.

    Share of the judged images in which the attribute judge finds the value that the caption names: among captions whose
    combination of attributes occurs in training images, and among those whose combination occurs in none.

    Raises:
        NotApplicable: captions were not asked for, or it is not known what they mean.
    """
    if evidence.asked is None:
        raise NotApplicable("nothing was asked for: the generator takes no condition")
    if not evidence.asked.attributes:
        raise NotApplicable("captions were not asked for, or no attributes are known of the images")
    judged = _judged(evidence)
    if not judged:
        raise NotApplicable("no held-out image has a known attribute to ask for")
    values: dict[str, float] = {}
    for name, asked in evidence.asked.attributes.items():
        right = evidence.recognised[name] == asked
        for called in (_called(evidence, name, suffix) for suffix in SUFFIXES):
            if called in judged:
                values[called] = float(right[judged[called]].mean())
    return values


def _judged(evidence: Evidence) -> dict[str, NDArray[np.bool_]]:
    """By a value's name, which of the judged images it is a share of, (n,); without those that are a share of none."""
    asked = evidence.asked
    assert asked is not None
    parts = {
        _called(evidence, name, suffix): (asked.unseen == unseen) & (values >= 0)
        for name, values in asked.attributes.items()
        for suffix, unseen in SUFFIXES.items()
    }
    return {name: part for name, part in parts.items() if part.any()}


def _called(evidence: Evidence, attribute: str, suffix: str) -> str:
    return f"attribute_accuracy_{attribute}_judge_{evidence.n}{suffix}"
