"""Inception Score, with the judge as the classifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric
from ganbench.evaluation.metrics.classes import most


@metric(**{"is": Gives("extractor", most)})
def inception_score(evidence: Evidence) -> dict[str, float]:
    """``is_judge_{n}``: over all n judged images at once, which is one split.

    Published scores are as a rule means over ten splits of 5,000 of 50,000 images: a little lower, for fewer images are
    less even in their classes.

    Raises:
        NotApplicable: the judge knows no classes.
    """
    if not evidence.classes:
        raise NotApplicable("the data have fewer than two classes, so the judge tells rotations, not classes")
    return {f"is_{evidence.extractor}_{evidence.n}": score_of(evidence.judged.probabilities)}


def score_of(probabilities: NDArray[np.floating]) -> float:
    """exp E_x KL(p(y|x) ‖ p(y)), where p(y) is the mean of p(y|x) (Salimans et al. 2016, "Improved Techniques").

    Args:
        probabilities: p(y|x), (n, c), n ≥ 1; 0 is allowed.

    Returns:
        from 1 (all alike, or all undecided) to c (each certain, all classes equally frequent).
    """
    given = np.asarray(probabilities, np.float64)
    given = given / given.sum(axis=1, keepdims=True)
    # A class of no mass at all has p(y) = 0 only where every p(y|x) = 0: 0 · log 0 = 0 on both sides.
    information = xlogy(given, given).sum(axis=1).mean() - xlogy(given.mean(axis=0), given.mean(axis=0)).sum()
    return float(np.exp(max(0.0, information)))
