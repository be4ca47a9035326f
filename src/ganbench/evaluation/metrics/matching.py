"""Whether the discriminator tells the right text from a wrong one."""

from __future__ import annotations

from ganbench.evaluation.calibration import area_under_curve
from ganbench.evaluation.matching import Matching, standardised_gap
from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric


@metric(matching_auc=Gives("discriminator", 1.0, lambda evidence, _: len(_matching(evidence).matched)))
def matching_auc(evidence: Evidence) -> dict[str, float]:
    """``matching_auc_{n}``: probability that a held-out real image with its own text scores above one with another's.

    0.5 is a guess.

    Raises:
        NotApplicable: the discriminator knows no texts.
    """
    found = _matching(evidence)
    return {f"matching_auc_{evidence.n}": area_under_curve(found.matched, found.mismatched)}


@metric(matching_gap=Gives("discriminator", n=lambda evidence, _: len(_matching(evidence).matched)))
def matching_gap(evidence: Evidence) -> dict[str, float]:
    """``matching_gap_{n}``: mean score with the own text less that with another's, in pooled standard deviations.

    Raises:
        NotApplicable: the discriminator knows no texts, or gives all images the same score.
    """
    found = _matching(evidence)
    gap = standardised_gap(found.matched, found.mismatched)
    if gap is None:
        raise NotApplicable("the discriminator's scores do not vary")
    return {f"matching_gap_{evidence.n}": gap}


def _matching(evidence: Evidence) -> Matching:
    if evidence.matching is None:
        raise NotApplicable("no discriminator was shown real images with a text, or all texts mean the same")
    return evidence.matching
