"""The discriminator's verdict on held-out real and on generated images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, Scores, metric


def judged_real(evidence: Evidence, _: str = "") -> int:
    """Held-out real images whose scores count."""
    return len(scores_of(evidence).held_out)


def judged_generated(evidence: Evidence, _: str = "") -> int:
    """Generated images whose scores count: the second half."""
    return len(halves(scores_of(evidence).generated)[1])


def smaller_side(evidence: Evidence, _: str = "") -> int:
    """The fewer of both."""
    return min(judged_real(evidence), judged_generated(evidence))


@metric(
    discriminator_true_positive=Gives("discriminator", n=judged_real),
    discriminator_false_negative=Gives("discriminator", n=judged_real),
    discriminator_true_negative=Gives("discriminator", n=judged_generated),
    discriminator_false_positive=Gives("discriminator", n=judged_generated),
    discriminator_accuracy=Gives("discriminator", n=smaller_side),
)
def discriminator(evidence: Evidence) -> dict[str, float]:
    """``discriminator_true_positive_{n}`` and so on: shares of `verdict`.

    With n held-out real images, or all that there are.

    Raises:
        NotApplicable: no discriminator was trained against real images.
    """
    found = verdict(scores_of(evidence))
    return {f"discriminator_{name}_{evidence.n}": value for name, value in found.shares().items()}


@dataclass(frozen=True)
class Verdict:
    """A confusion matrix in shares of each kind, positive meaning «real».

    Attributes:
        threshold: the score above which an image is called real.
        true_positive: share of real images called real; false_negative: the rest.
        true_negative: share of generated images called generated; false_positive: the rest.
    """

    threshold: float
    true_positive: float
    false_negative: float
    true_negative: float
    false_positive: float

    @property
    def accuracy(self) -> float:
        """With real and generated images in equal numbers: 0.5 is a guess."""
        return (self.true_positive + self.true_negative) / 2

    def shares(self) -> dict[str, float]:
        """All but the threshold, and the accuracy."""
        return {name: value for name, value in vars(self).items() if name != "threshold"} | {"accuracy": self.accuracy}


def verdict(scores: Scores) -> Verdict:
    """The confusion of n held-out real images and the second half of the generated ones.

    The threshold is the discriminator's own. A critic has none: its scores are defined up to a constant. It gets the
    midpoint between its mean score of training images and that of the first half of the generated images, on which it
    is then not judged; so that all variants are judged alike, those are left out for the others, too. A score that is
    equal to the threshold means «generated».
    """
    calibration, judged = halves(scores.generated)
    threshold = scores.threshold
    if threshold is None:
        threshold = float(scores.train.mean() + calibration.mean()) / 2
    real = float((scores.held_out > threshold).mean())
    fake = float((judged > threshold).mean())
    return Verdict(threshold, real, 1 - real, 1 - fake, fake)


def scores_of(evidence: Evidence) -> Scores:
    """The discriminator's.

    Raises:
        NotApplicable: there is none.
    """
    if evidence.scores is None:
        raise NotApplicable("real images have no generator, hence no discriminator")
    return evidence.scores


def halves(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m,) → (⌊m/2⌋,) and the rest; m ≥ 2."""
    middle = len(values) // 2
    return values[:middle], values[middle:]
