"""What the metrics' names mean: a name is its family and then its protocol, as in ``fid_judge_449``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ARROWS = {"lower": "↓", "higher": "↑", "floor": "→", "": ""}
HINTS = {"lower": "lower is better", "higher": "higher is better", "floor": "near the real row is better", "": ""}


@dataclass(frozen=True)
class Family:
    """A family of metrics for the eye."""

    label: str
    better: str  # lower, higher, floor (as near to the real images' as possible), or "" where no direction is better
    decimals: int  # shown in the report; the CSV has six significant digits
    meaning: str


FAMILIES = {
    "fid": Family(
        "FID", "lower", 2,
        "Fréchet distance between two Gaussians fitted to the judge's features of n judged and of n training images "
        "(Heusel et al. 2017). It falls with n: compare at equal n only.",
    ),
    "kid": Family(
        "KID", "lower", 4,
        "Squared maximum mean discrepancy with a cubic kernel on the same features (Bińkowski et al. 2018). "
        "Unbiased, so it may be slightly negative.",
    ),
    "is": Family(
        "IS", "higher", 2,
        "Inception Score with the judge as classifier (Salimans et al. 2016): confident and varied labels; at most "
        "the number of classes.",
    ),
    "precision": Family(
        "Precision", "higher", 3,
        "Share of judged images within the k-neighbourhood of a training image: quality (Kynkäänniemi et al. 2019).",
    ),
    "recall": Family(
        "Recall", "higher", 3,
        "Share of training images within the k-neighbourhood of a judged one: diversity (Kynkäänniemi et al. 2019).",
    ),
    "density": Family(
        "Density", "higher", 3,
        "How many training images' neighbourhoods hold a judged image, over k: quality, robust to outliers; may "
        "exceed 1 (Naeem et al. 2020).",
    ),
    "coverage": Family(
        "Coverage", "higher", 3,
        "Share of training images whose neighbourhood holds a judged one: diversity, robust to outliers "
        "(Naeem et al. 2020).",
    ),
    "modes": Family(
        "Modes", "higher", 1,
        "Modes of the distribution that at least one point of high quality came from (Srivastava et al. 2017).",
    ),
    "high_quality": Family(
        "High quality", "higher", 3, "Share of points within three standard deviations of the nearest mode.",
    ),
    "reverse_kl": Family(
        "Reverse KL", "lower", 4,
        "Divergence, in nats, from the shares of the modes among points of high quality to the true ones.",
    ),
    "w1": Family(
        "W1", "lower", 3,
        "Earth mover's distance between n generated and n real points, solved exactly, in units of the data.",
    ),
    "w2": Family("W2", "lower", 3, "The same with squared costs, and its root: far points weigh more."),
    "nn_pixel": Family(
        "Neighbour, pixels", "floor", 2,
        "Median distance to the nearest training image: root mean square difference in grey levels, 0 to 255. "
        "Much below the real row, the generator copies.",
    ),
    "nn_feature": Family(
        "Neighbour, features", "floor", 3,
        "Median Euclidean distance to the nearest training image in the judge's features. Much below the real row, "
        "the generator copies.",
    ),
    "discriminator_accuracy": Family(
        "D: accuracy", "", 3,
        "Share of images that the final discriminator tells rightly, held-out real and generated in equal numbers; "
        "0.5 is a guess. Neither direction is better by itself.",
    ),
    "discriminator_true_positive": Family("D: true positive", "", 3, "Share of held-out real images called real."),
    "discriminator_false_negative": Family(
        "D: false negative", "", 3, "Share of held-out real images called generated: high where training images were "
        "memorised.",
    ),
    "discriminator_true_negative": Family("D: true negative", "", 3, "Share of generated images called generated."),
    "discriminator_false_positive": Family("D: false positive", "", 3, "Share of generated images called real."),
}  # fmt: skip


def family(name: str) -> tuple[str, Family]:
    """The longest family that a metric's name begins with; a family of its own where none does."""
    known = [key for key in FAMILIES if name == key or name.startswith(f"{key}_")]
    if not known:
        return name, Family(re.sub(r"(_k?\d+)+$", "", name).replace("_", " ").capitalize(), "", 3, "")
    key = max(known, key=len)
    return key, FAMILIES[key]


def order(names: Iterable[str]) -> list[str]:
    """Names in the order of the legend, unknown ones last, each family by its protocol."""
    families = list(FAMILIES)

    def rank(name: str) -> tuple[int, list[tuple[int, str]]]:
        key = family(name)[0]
        parts = [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]
        return (families.index(key) if key in FAMILIES else len(families)), parts

    return sorted(names, key=rank)


def label(name: str) -> str:
    """A metric's short name for people: ``nn_pixel_449`` → «Neighbour, pixels»."""
    return family(name)[1].label


def shown(name: str, value: float) -> str:
    """A value as the report prints it; a true minus sign, never −0."""
    text = f"{value:.{family(name)[1].decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
