"""Whether images show what their captions say, as the attribute judge sees it."""

from __future__ import annotations

from ganbench.evaluation.metric import Evidence, NotApplicable, metric


@metric
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
    values: dict[str, float] = {}
    for name, asked in evidence.asked.attributes.items():
        right = evidence.recognised[name] == asked
        for suffix, combination in (("", ~evidence.asked.unseen), ("_held_out", evidence.asked.unseen)):
            judged = combination & (asked >= 0)
            if judged.any():
                values[f"attribute_accuracy_{name}_judge_{evidence.n}{suffix}"] = float(right[judged].mean())
    if not values:
        raise NotApplicable("no held-out image has a known attribute to ask for")
    return values
