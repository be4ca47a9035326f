"""Whether the discriminator's scores mean what they say, and how well they rank."""

from __future__ import annotations

import numpy as np

from ganbench.evaluation.calibration import area_under_curve, calibration_error
from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric
from ganbench.evaluation.metrics.discrimination import halves, scores_of, smaller_side

BINS = 15


@metric(discriminator_calibration_error=Gives("discriminator", 0.0, smaller_side))
def discriminator_calibration(evidence: Evidence) -> dict[str, float]:
    """``discriminator_calibration_error_{n}_b15``: expected calibration error in 15 bins.

    On n held-out real images, or all that there are, and the second half of the generated ones, on which every
    confusion is judged, too.

    A matching-aware discriminator (Reed et al. 2016, "Generative Adversarial Text to Image Synthesis", algorithm 1) has
    none. Its loss compares the density p of real images with right texts, half and half, with q of generated ones and
    w of real ones with wrong texts, so its best score claims p/(p + ½q + ½w), from which p/(p + q) follows only where w
    is known; that w = 0 at the images that are scored is just what a generator that does not heed its text, and a text
    that is another one's in other words, contradict.

    Raises:
        NotApplicable: no discriminator, one that refuses more than generated images, or scores that are no
            probabilities.
    """
    scores = scores_of(evidence)
    if scores.refused:
        raise NotApplicable(
            f"the discriminator also refuses {scores.refused}, so its scores are not of real against generated images"
        )
    if scores.probability is None:
        raise NotApplicable("the objective gives the discriminator's scores no meaning as probabilities")
    generated = halves(scores.generated)[1]
    claimed = scores.probability(np.concatenate([scores.held_out, generated]))
    real = np.arange(len(claimed)) < len(scores.held_out)
    return {f"discriminator_calibration_error_{evidence.n}_b{BINS}": calibration_error(claimed, real, BINS)}


@metric(discriminator_auc=Gives("discriminator", n=smaller_side))
def discriminator_ranking(evidence: Evidence) -> dict[str, float]:
    """``discriminator_auc_{n}``: how often a held-out real image has a higher score than a generated one.

    Needs no threshold, so it compares critics and discriminators; the same images as the confusion.

    Raises:
        NotApplicable: no discriminator.
    """
    scores = scores_of(evidence)
    return {f"discriminator_auc_{evidence.n}": area_under_curve(scores.held_out, halves(scores.generated)[1])}
