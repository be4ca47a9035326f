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
    "fid_infinity": Family(
        "FID∞", "lower", 2,
        "FID of subsets against 1/size, extrapolated to infinitely many images on both sides (after Chong and Forsyth "
        "2020). Near 0 for real images, where it may be negative.",
    ),
    "kid": Family(
        "KID", "lower", 4,
        "Squared maximum mean discrepancy with a cubic kernel on the same features (Bińkowski et al. 2018). "
        "Unbiased, so it may be slightly negative.",
    ),
    "kid_error": Family("KID, ±", "", 4, "Standard error of KID: how much of it is the choice of images."),
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
        "Density", "floor", 3,
        "How many training images' neighbourhoods hold a judged image, over k: quality, robust to outliers (Naeem et "
        "al. 2020). Near 1 for real images; images that crowd where these are dense have more.",
    ),
    "coverage": Family(
        "Coverage", "higher", 3,
        "Share of training images whose neighbourhood holds a judged one: diversity, robust to outliers "
        "(Naeem et al. 2020).",
    ),
    "condition_accuracy": Family(
        "Condition", "higher", 3, "Share of images in which the judge sees the label that was asked for.",
    ),
    "intra_fid": Family(
        "FID within classes", "lower", 2,
        "FID of each class by itself, the mean over classes (Miyato and Koyama 2018): a generator that ignores its "
        "label, or draws one image a class, fails here. Few images a class: compare at equal n only.",
    ),
    "tstr_accuracy": Family(
        "TSTR", "higher", 3,
        "Train on synthetic, test on real (Esteban et al. 2017): accuracy on held-out real images of a classifier that "
        "saw generated images alone. It asks for quality and diversity at once.",
    ),
    "tstr_nn_accuracy": Family(
        "TSTR, 1-NN", "higher", 3,
        "Share of held-out real images with the label of the most similar generated one, in pixels; 1 less it is the "
        "error that Radford et al. 2016 report.",
    ),
    "trts_accuracy": Family(
        "TRTS", "higher", 3,
        "Train on real, test on synthetic: accuracy on generated images of a classifier that saw real ones alone. "
        "One good image a class, drawn again and again, is enough for it.",
    ),
    "augmentation_gain": Family(
        "Augmentation", "higher", 3,
        "What generated images add to the accuracy on held-out images of a classifier trained on 10 % of the real "
        "ones; below zero they harm.",
    ),
    "attribute_accuracy": Family(
        "Attribute", "higher", 3,
        "Share of images in which the judge sees what the caption says of this attribute; «held out»: for combinations "
        "of attributes that no training image shows.",
    ),
    "matching_auc": Family(
        "Matching, AUC", "higher", 3,
        "How often the discriminator scores a held-out real image higher with its own text than with another's; 0.5 is "
        "a guess.",
    ),
    "matching_gap": Family(
        "Matching, gap", "higher", 2,
        "Mean score of held-out real images with their own text, less that with another's, in standard deviations.",
    ),
    "vendi": Family(
        "Vendi", "floor", 2,
        "Effective number of different images, by the entropy of their features' similarities (Friedman and Dieng "
        "2023). It knows nothing of the real ones: noise scores high.",
    ),
    "sliced_w2": Family(
        "Sliced W2", "lower", 3, "Earth mover's distance with squared costs along random directions of the features.",
    ),
    "classes_covered": Family("Classes", "higher", 1, "Classes that the judge sees in at least one image."),
    "class_reverse_kl": Family(
        "Class KL", "lower", 4,
        "Divergence, in nats, from the shares of the classes among judged images to those among real ones.",
    ),
    "combinations_covered": Family(
        "Combinations", "higher", 1,
        "Combinations of attributes that occur in training images and that the judge sees in at least one image: the "
        "1,000 modes of stacked MNIST (Metz et al. 2017; Lin et al. 2018).",
    ),
    "combinations_kl": Family(
        "Combination KL", "lower", 4,
        "Divergence, in nats, from the shares of the combinations of attributes among judged images that show one of "
        "the training images to those among training images. It falls with n: compare at equal n only.",
    ),
    "l1": Family("L1", "lower", 4, "Mean absolute difference from the right answer, pixels from 0 to 1."),
    "psnr": Family("PSNR", "higher", 2, "Peak signal-to-noise ratio against the right answer, in decibels."),
    "ssim": Family(
        "SSIM", "higher", 3, "Structural similarity to the right answer (Wang et al. 2004); 1 where they are equal.",
    ),
    "lpips": Family("LPIPS", "lower", 3, "Distance from the right answer in a network's features (Zhang et al. 2018)."),
    "accuracy": Family(
        "Judge", "higher", 3,
        "Share of translations in which the judge of that domain sees the input's class: the FCN score's analogue.",
    ),
    "cycle": Family(
        "Cycle error", "", 4,
        "Mean absolute difference between an image and what comes back from the other domain, pixels from 0 to 1. A "
        "small cycle error is not correctness: any mapping that can be undone has one.",
    ),
    "correct": Family(
        "First mapping", "", 3,
        "Where two mappings are equally right: share of translations that are nearer to the first one's answer.",
    ),
    "l1_nearer": Family(
        "L1, nearer mapping", "lower", 4,
        "Where two mappings are equally right: mean absolute difference from the one that the training came nearer to.",
    ),
    "alternative_taken": Family(
        "Other mapping", "", 2,
        "Where two mappings are equally right: the share of seeds that came nearer to the second one.",
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
    "w2": Family(
        "W2", "lower", 3,
        "Earth mover's distance with squared costs, and its root, solved exactly between n points, or the features of "
        "n images, on each side: far ones weigh more.",
    ),
    "authenticity": Family(
        "Authenticity", "floor", 3,
        "Share of judged images that are farther from their nearest training image than that one is from its own (Alaa "
        "et al. 2022). Much below the real row, the generator copies.",
    ),
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
    "discriminator_auc": Family(
        "D: AUC", "", 3, "How often a held-out real image has a higher score than a generated one; 0.5 is a guess.",
    ),
    "discriminator_calibration_error": Family(
        "D: calibration error", "", 3,
        "How far the discriminator's probabilities are from the frequencies that they claim, on average. A "
        "discriminator that says 0.5 of everything has none: it does not measure the generator.",
    ),
    "discriminator_true_positive": Family("D: true positive", "", 3, "Share of held-out real images called real."),
    "discriminator_false_negative": Family(
        "D: false negative", "", 3, "Share of held-out real images called generated: high where training images were "
        "memorised.",
    ),
    "discriminator_true_negative": Family("D: true negative", "", 3, "Share of generated images called generated."),
    "discriminator_false_positive": Family("D: false positive", "", 3, "Share of generated images called real."),
}  # fmt: skip


CONDITIONAL = (
    "condition_accuracy", "intra_fid", "tstr_accuracy", "tstr_nn_accuracy", "trts_accuracy", "augmentation_gain",
    "attribute_accuracy", "matching_auc", "matching_gap",
)  # fmt: skip
"""Families of generators that are told what to draw; others don't have them."""
NAMED = ("attribute_accuracy",)
"""Families whose label names what stands between family and protocol."""


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
    key, known = family(name)
    text = known.label
    if key in NAMED and (of := re.match(r"_(.+?)_(judge|\d)", name.removeprefix(key))):
        text += f": {of[1].replace('_', ' ')}"
    if way := re.search(r"_(a)(b)_|_(b)(a)_", name):
        text += " {}→{}".format(*(end.upper() for end in way.groups() if end))
    return f"{text}, held out" if name.endswith("_held_out") else text


def shown(name: str, value: float) -> str:
    """A value as the report prints it; a true minus sign, never −0."""
    text = f"{value:.{family(name)[1].decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
