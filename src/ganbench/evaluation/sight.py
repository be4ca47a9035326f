"""What the extractor and the judge each contribute: features for distances, classes for what was asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.evaluation.extractor import Extractor
from ganbench.evaluation.features import Seen, see
from ganbench.evaluation.judge import Judge

OWN = "judge"


def tells_classes(seen: Seen, eyes: Extractor, judge: Judge) -> bool:
    """Whether the extractor's probabilities are those of classes."""
    return judge.card.task == "classes" if eyes.name == OWN else seen.probabilities.shape[1] > 0


def classes_shown(
    images: NDArray[np.uint8], seen: Seen, eyes: Extractor, judge: Judge, device: torch.device
) -> NDArray[np.int64] | None:
    """The class of the data that the judge sees in each image, int64 (n,); None where it knows none.

    Args:
        images: uint8 (n, H, W, C).
        seen: the same, as the extractor sees them.
        eyes: the extractor; where it is the judge, nothing is computed twice.
        judge: of the data.
        device: where the judge is.
    """
    if judge.card.task != "classes":
        return None
    by_judge = seen if eyes.name == OWN else see(judge, images, device)
    return np.asarray(by_judge.probabilities.argmax(axis=1), np.int64)


def described_extractor(eyes: Extractor, judge: Judge, device: torch.device) -> dict[str, Any]:
    """Name, weights and, of the judge, its card: for the record."""
    found = {"name": eyes.name, "digest": eyes.digest(device)}
    return found | asdict(judge.card) if eyes.name == OWN else found
