"""What is left of an image that is translated and translated back."""

from __future__ import annotations

from ganbench.evaluation.translation.likeness import absolute_error
from ganbench.evaluation.translation.metric import Gives, NotApplicable, Way, metric


@metric(cycle=Gives())
def cycle(way: Way) -> dict[str, float]:
    """``cycle_{ab|ba}_{n}``: mean absolute difference of n images and their translations there and back, in [0, 1].

    It is small for every mapping that can be undone, right or wrong, the identity among them.

    Raises:
        NotApplicable: nothing translates back.
    """
    if way.back is None:
        raise NotApplicable("no generator translates back")
    return {f"cycle_{way.protocol}": float(absolute_error(way.back, way.inputs).mean())}
