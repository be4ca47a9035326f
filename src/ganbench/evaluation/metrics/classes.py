"""Which classes the judge finds among the images, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric


def most(evidence: Evidence) -> float:
    """The classes that so many images can show."""
    return float(min(evidence.n, evidence.judged.probabilities.shape[1]))


@metric(classes_covered=Gives("extractor", most), class_reverse_kl=Gives("extractor", 0.0))
def class_frequencies(evidence: Evidence) -> dict[str, float]:
    """``classes_covered_judge_{n}`` and ``class_reverse_kl_judge_{n}``, see `compare`.

    Raises:
        NotApplicable: the judge knows no classes.
    """
    if not evidence.classes:
        raise NotApplicable("the data have fewer than two classes, so there is none to cover")
    found = compare(evidence.judged.probabilities, evidence.reference.probabilities)
    by = f"{evidence.extractor}_{evidence.n}"
    return {f"classes_covered_{by}": float(found.covered), f"class_reverse_kl_{by}": found.reverse_kl}


@dataclass(frozen=True)
class Classes:
    """Two sets by class.

    Attributes:
        covered: classes that at least one judged image is assigned to.
        reverse_kl: KL(p̂ ‖ q̂) in nats, from the shares p̂ of the classes among judged images to those among real ones.
    """

    covered: int
    reverse_kl: float


def compare(judged: NDArray[np.floating], real: NDArray[np.floating]) -> Classes:
    """Count images by their likeliest class (mode coverage and KL of Srivastava et al. 2017, "VEEGAN", section 4).

    Both sets are read by the same judge, so that its mistakes are on both sides. For n images of the data the expected
    KL is about (c − 1)/2 · (1/n + 1/m). A class that no real image is assigned to counts as half an image there, so
    that the divergence is finite, as the number of images is.

    Args:
        judged: p(y|x), (n, c).
        real: p(y|x), (m, c).
    """
    counts = np.bincount(judged.argmax(axis=1), minlength=judged.shape[1])
    expected = np.bincount(real.argmax(axis=1), minlength=real.shape[1])
    weights = np.where((expected == 0) & (counts > 0), 0.5, expected)
    divergence = rel_entr(counts / counts.sum(), weights / weights.sum()).sum()
    return Classes(int((counts > 0).sum()), max(0.0, float(divergence)))
