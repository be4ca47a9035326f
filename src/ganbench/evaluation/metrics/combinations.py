"""Which combinations of attributes the attribute judge finds among the images, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from ganbench.evaluation.metric import Evidence, Gives, NotApplicable, metric


def most(evidence: Evidence) -> float:
    """The combinations of training images that so many images can show."""
    return float(min(evidence.n, len(np.unique(_whole(evidence.attributes), axis=0))))


@metric(
    combinations_covered=Gives("attributes", most),
    combinations_kl=Gives("attributes", 0.0),
)
def combinations(evidence: Evidence) -> dict[str, float]:
    """``combinations_covered_judge_{n}`` and ``combinations_kl_judge_{n}``, see `compare`.

    Raises:
        NotApplicable: no attributes are known of the images, or never all of them of a training image.
    """
    if not evidence.attributes:
        raise NotApplicable("no attributes are known of the images, so there are no combinations to cover")
    found = compare(evidence.recognised, evidence.attributes)
    if found is None:
        raise NotApplicable("no training image has all its attributes known")
    values = {f"combinations_covered_judge_{evidence.n}": float(found.covered)}
    if found.kl is not None:
        values[f"combinations_kl_judge_{evidence.n}"] = found.kl
    return values


@dataclass(frozen=True)
class Combinations:
    """Judged images by the combination of their attributes.

    Attributes:
        covered: combinations of training images that at least one judged image shows.
        kl: KL(p̂ ‖ q̂) in nats, from the shares p̂ of the combinations among the judged images whose combination occurs in
            training images, to those among training images; None where there is no such image.
    """

    covered: int
    kl: float | None


def compare(recognised: Mapping[str, NDArray[np.int64]], known: Mapping[str, NDArray[np.int64]]) -> Combinations | None:
    """Count images by combination: modes covered and KL of stacked MNIST, where each of 1,000 combinations is a mode.

    Metz et al. 2017, "Unrolled Generative Adversarial Networks"; Srivastava et al. 2017, "VEEGAN", section 4; Lin et
    al. 2018, "PacGAN", section 4.2, with 26,000 judged images. Those that show a combination of no training image are
    of no mode, as points of low quality are. For n judged images of the data, m training images and c combinations the
    expected KL is about (c − 1)/2 · (1/n + 1/m): .023 where these are 26,000, 128,000 and 1,000. Lin et al. compare
    with even shares, from which those of MNIST's digits are a little away; a perfect generator has .024 ± .001 there.

    Args:
        recognised: by attribute, what is found in the judged images, (n,).
        known: the same attributes of the training images, (m,); an image of which one is unknown, −1, does not count.

    Returns:
        None where no training image counts.
    """
    judged, real = np.stack([recognised[name] for name in sorted(known)], axis=1), _whole(known)
    if not len(real):
        return None
    kinds, kind = np.unique(np.concatenate([real, judged]), axis=0, return_inverse=True)
    expected, counts = (np.bincount(part, minlength=len(kinds)) for part in np.split(kind.reshape(-1), [len(real)]))
    counts = counts[expected > 0]
    if not counts.any():
        return Combinations(0, None)
    expected = expected[expected > 0]
    divergence = rel_entr(counts / counts.sum(), expected / expected.sum()).sum()
    return Combinations(int((counts > 0).sum()), max(0.0, float(divergence)))


def _whole(known: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """The combinations of the images whose attributes are all known, (m, attributes)."""
    found = np.stack([known[name] for name in sorted(known)], axis=1)
    return np.asarray(found[(found >= 0).all(axis=1)], np.int64)
