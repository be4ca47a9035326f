"""What a classifier learns from judged images in the place of real ones."""

from __future__ import annotations

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric
from ganbench.evaluation.substitution import Substitution, likeness


@metric(
    tstr_accuracy=Gives(None, 1.0, lambda evidence, _: len(_found(evidence).held_out)),
    tstr_nn_accuracy=Gives(None, 1.0, lambda evidence, _: len(_found(evidence).held_out)),
    trts_accuracy=Gives("pupil_real", 1.0, lambda evidence, _: len(_found(evidence).tested)),
    augmentation_gain=Gives("pupil_few", n=lambda evidence, _: len(_found(evidence).held_out)),
)
def substitution(evidence: Evidence) -> dict[str, float]:
    """``tstr_accuracy_{n}``, ``trts_accuracy_{n}``, ``augmentation_gain_{n}``, by small classifiers, see `Pupil`.

    And ``tstr_nn_accuracy_{n}``, by one nearest neighbour in pixels.

    - TSTR: trained on n synthetic images with the labels asked for, tested on n held-out real ones (Esteban et al.
      2017, "Real-valued Medical Time Series Generation with Recurrent Conditional GANs"). It falls with the quality of
      the images and with their variety.
    - TSTR by one nearest neighbour: 1 less it is the error that Radford et al. 2016 report of conditional samples.
    - TRTS: trained on n real images, tested on the synthetic ones. A generator that shows one good image a class does
      well here: read it beside TSTR.
    - Augmentation gain: accuracy on held-out images of a classifier trained on a tenth of the training images and the n
      synthetic ones, less that of one trained on the tenth alone.

    For the floor n real training images stand in the place of synthetic ones; TSTR and TRTS are then the same. Where
    fewer than n real images are held out, tests are on these, and the pupil of real images is the floor's, of as many.

    Raises:
        NotApplicable: labels were not asked for, or images on either side have none.
    """
    found, n = _found(evidence), evidence.n
    augmented = found.taught(found.few + found.synthetic).accuracy(found.held_out)
    return {
        f"tstr_accuracy_{n}": found.taught(found.synthetic).accuracy(found.held_out),
        f"tstr_nn_accuracy_{n}": likeness(found.synthetic, found.held_out),
        f"trts_accuracy_{n}": found.of_real.accuracy(found.tested),
        f"augmentation_gain_{n}": augmented - found.of_few.accuracy(found.held_out),
    }


def _found(evidence: Evidence) -> Substitution:
    if evidence.substitution is None:
        raise NotApplicable("without labels asked for there is nothing to train a classifier on")
    return evidence.substitution
