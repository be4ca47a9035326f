"""What the judge sees in images: features and probabilities, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from ganbench.evaluation.classifier import CHUNK, to_float
from ganbench.evaluation.judge import Judge

Told = NDArray[np.int64] | list[str]


@dataclass(frozen=True)
class Seen:
    """What the judge sees in N images.

    Attributes:
        features: float32 (N, d), the judge's penultimate layer; not negative.
        probabilities: float32 (N, c), over the judge's outputs; each row sums to 1.
    """

    features: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> Seen:
        return Seen(self.features[rows], self.probabilities[rows])


@torch.inference_mode()
def see(judge: Judge, images: NDArray[np.uint8], device: torch.device, scratch: Path | None = None) -> Seen:
    """Show images to the judge.

    Args:
        judge: a trained judge.
        images: uint8 (N, H, W, C), possibly a memory map; N ≥ 1.
        device: where the judge is.
        scratch: a file for the features, so that they need no memory; they come back as a read-only memory map.
    """
    size, width = len(images), judge.network.head.in_features
    features: NDArray[np.float32] = (
        np.empty((size, width), np.float32)
        if scratch is None
        else np.lib.format.open_memmap(scratch, mode="w+", dtype=np.float32, shape=(size, width))
    )
    probabilities = np.empty((size, len(judge.card.classes)), np.float32)
    starts = range(0, size, CHUNK)
    for start in tqdm(starts, desc="features", unit="batch", leave=False, disable=len(starts) < 10, dynamic_ncols=True):
        part = slice(start, start + CHUNK)
        found = judge.network.features(to_float(images[part], device))
        features[part] = found.cpu().numpy()
        probabilities[part] = judge.network.head(found).double().softmax(1).float().cpu().numpy()
    if isinstance(features, np.memmap):
        features.flush()
    return Seen(features, probabilities)


@torch.inference_mode()
def score(
    discriminator: nn.Module, images: NDArray[np.uint8], device: torch.device, **told: Told
) -> NDArray[np.float64]:
    """A discriminator's scores (N,) of images uint8 (N, H, W, C): higher is more real.

    Args:
        discriminator: on its device.
        images: what it judges.
        device: where it is.
        told: what it is told of each image, by keyword: ``labels``, int64 (N,), or N ``captions``.
    """
    scores = []
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        conditions = {name: _as_tensor(values[part]) for name, values in told.items()}
        scores.append(discriminator(to_float(images[part], device), **conditions).reshape(-1).double().cpu().numpy())
    return np.concatenate(scores)


def _as_tensor(values: Told) -> torch.Tensor | list[str]:
    return values if isinstance(values, list) else torch.from_numpy(values)
