"""The attribute judge: which colour, shape, … is in an image; trained on the real images whose attributes are known."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ganbench.data.source import Split
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.classifier import CHUNK, Classifier, Lessons, fit, to_float
from ganbench.outputs import write_json
from ganbench.training.device import seed_everything
from ganbench.training.weights import load_weights, save_weights

WEIGHTS, CARD = "attributes.safetensors", "attributes.json"


@dataclass(frozen=True)
class AttributeCard:
    """What an attribute judge is.

    Attributes:
        attributes: the names of the values, by attribute.
        resolution, channels, width: its architecture.
        images: training images shown to it.
        test_accuracy: by attribute, on the held-out split.
    """

    attributes: dict[str, list[str]]
    resolution: int
    channels: int
    width: int
    images: int
    test_accuracy: dict[str, float]

    @property
    def order(self) -> list[str]:
        """In which the outputs of the attributes stand side by side: that of their names."""
        return sorted(self.attributes)

    @property
    def sizes(self) -> list[int]:
        """Values of each attribute, in that order."""
        return [len(self.attributes[name]) for name in self.order]


@dataclass(frozen=True)
class AttributeJudge:
    """One trunk and a linear head an attribute: the heads are parts of one linear layer.

    Attributes:
        network: in evaluation mode, on its device.
        card: what it is.
    """

    network: Classifier
    card: AttributeCard

    @classmethod
    def load(cls, root: Path, device: torch.device) -> AttributeJudge:
        """Read an attribute judge that `train_attributes` wrote.

        Raises:
            BenchError: a file is missing or damaged.
        """
        try:
            card = AttributeCard(**json.loads((root / CARD).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BenchError(f"{root / CARD}: no such file; run dvc repro judge") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{root / CARD}: not an attribute judge's card: {error}; run dvc repro judge") from None
        network = Classifier(card.resolution, card.channels, card.width, sum(card.sizes))
        load_weights(network, root / WEIGHTS)
        return cls(network.to(device).to(memory_format=torch.channels_last).eval(), card)

    def recognise(self, images: NDArray[np.uint8], device: torch.device) -> dict[str, NDArray[np.int64]]:
        """The likeliest value of each attribute, int64 (N,), in images uint8 (N, H, W, C)."""
        return _recognise(self.network, self.card, images, device)


def train_attributes(
    store: Store, width: int, lessons: Lessons, device: torch.device, folder: Path
) -> dict[str, float]:
    """Train an attribute judge on the training split and write its weights and card.

    The loss is the sum over the attributes of their cross-entropies; a value below 0 is unknown and counts nowhere.

    Args:
        store: images with attributes.
        width: of the network.
        lessons: how it is trained.
        device: where.
        folder: where the files are written.

    Returns:
        accuracy on the held-out split by attribute; an attribute that is known of no held-out image has none.
    """
    meta = store.meta
    card = AttributeCard(meta.attributes, meta.resolution, meta.channels, width, lessons.steps * lessons.batch_size, {})
    values = values_of(store, "train")
    known = torch.from_numpy(np.stack([values[name] for name in card.order], axis=1)).to(device)
    seed_everything(lessons.seed)
    network = Classifier(meta.resolution, meta.channels, width, sum(card.sizes))
    network.to(device).to(memory_format=torch.channels_last)

    def loss(images: Tensor, rows: Tensor) -> Tensor:
        return cross_entropies(network(images), known[rows], card.sizes).sum()

    fit(network, store.images("train"), np.arange(meta.train), loss, lessons, device)
    found = _recognise(network, card, store.images("test"), device)
    for name, held_out in values_of(store, "test").items():
        if (held_out >= 0).any():
            card.test_accuracy[name] = float((found[name] == held_out)[held_out >= 0].mean())
    save_weights(network, folder / WEIGHTS)
    write_json(folder / CARD, asdict(card))
    return card.test_accuracy


def values_of(store: Store, split: Split) -> dict[str, NDArray[np.int64]]:
    """By attribute, the value in each image of a split, int64 (N,); −1 where it is unknown."""
    return {name: store.attribute(split, name).astype(np.int64) for name in store.meta.attributes}


def cross_entropies(logits: Tensor, values: Tensor, sizes: list[int]) -> Tensor:
    """Mean cross-entropy of each attribute over the images that it is known of, (a,); 0 where it is known of none.

    Args:
        logits: (N, Σ sizes), attribute after attribute.
        values: int64 (N, a); −1 is unknown.
        sizes: how many values each attribute has.
    """
    parts = []
    for part, target in zip(torch.split(logits, sizes, dim=1), values.unbind(1), strict=True):
        total = F.cross_entropy(part, target, ignore_index=-1, reduction="sum")
        parts.append(total / (target >= 0).sum().clamp(min=1))
    return torch.stack(parts)


@torch.inference_mode()
def _recognise(
    network: Classifier, card: AttributeCard, images: NDArray[np.uint8], device: torch.device
) -> dict[str, NDArray[np.int64]]:
    parts = []
    for start in range(0, len(images), CHUNK):
        logits = network(to_float(images[start : start + CHUNK], device))
        parts.append(torch.stack([part.argmax(1) for part in torch.split(logits, card.sizes, dim=1)], dim=1))
    found = torch.cat(parts).cpu().numpy()
    return {name: found[:, column] for column, name in enumerate(card.order)}
