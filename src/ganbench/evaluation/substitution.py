"""Synthetic images in the place of real ones: what a classifier learns from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.asked import Asked
from ganbench.evaluation.classifier import CHUNK, Classifier, Lessons, fit, to_float
from ganbench.evaluation.extractor import digest_of
from ganbench.evaluation.neighbours import nearest_in_pixels
from ganbench.evaluation.protocol import Protocol
from ganbench.params import Pupil as Settings
from ganbench.training.weights import load_weights, save_weights

BATCH = 64
RATE = 1e-2
SHARE = 0.1
"""Of the training images, in the experiment on augmentation."""

FILES = {"real": "pupil_real.safetensors", "few": "pupil_few.safetensors"}


@dataclass(frozen=True)
class Labelled:
    """Images uint8 (m, H, W, C) and their labels int64 (m,), all ≥ 0."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    @classmethod
    def known(cls, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Labelled:
        """Those that have a label."""
        return cls(np.asarray(images[labels >= 0]), labels[labels >= 0])

    def __add__(self, other: Labelled) -> Labelled:
        return Labelled(np.concatenate([self.images, other.images]), np.concatenate([self.labels, other.labels]))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Pupil:
    """A small classifier that was taught from some images alone: the judge's architecture, narrow and taught briefly.

    Attributes:
        network: in evaluation mode, on its device.
        device: where it is.
    """

    network: Classifier
    device: torch.device

    @classmethod
    def taught(cls, lessons: Labelled, classes: int, settings: Settings, seed: int, device: torch.device) -> Pupil:
        """Teach a new pupil. A fixed number of steps, whatever the number of images: equal cost, equal patience.

        Args:
            lessons: at least one image.
            classes: number of its outputs.
            settings: `images.evaluate.pupil` of params.yaml.
            seed: of its first weights and the order of the images.
            device: where.
        """
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = _blank(lessons.images, classes, settings).to(device).to(memory_format=torch.channels_last)

        def loss(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(network(images), labels)

        fit(network, lessons.images, lessons.labels, loss, Lessons(settings.steps, BATCH, RATE, seed), device)
        return cls(network, device)

    @torch.inference_mode()
    def accuracy(self, images: Labelled) -> float:
        """The share of at least one image that it recognises."""
        starts = range(0, len(images), CHUNK)
        parts = [self.network(to_float(images.images[start : start + CHUNK], self.device)) for start in starts]
        return float((torch.cat(parts).argmax(1).cpu().numpy() == images.labels).mean())


@dataclass(frozen=True)
class Substitution:
    """All that it takes to put images in the place of real ones.

    Attributes:
        synthetic: generated images with the labels that were asked for; for the floor, real training images.
        tested: on which a pupil of real images is tested: the generated ones; for the floor, held-out ones.
        held_out: n real images.
        few: a tenth of the training images.
        of_real: a pupil of n training images.
        of_few: a pupil of the few.
        classes: number of classes.
        settings: of the pupils.
        seed: of the pupils.
    """

    synthetic: Labelled
    tested: Labelled
    held_out: Labelled
    few: Labelled
    of_real: Pupil
    of_few: Pupil
    classes: int
    settings: Settings
    seed: int

    @property
    def networks(self) -> dict[str, str]:
        """Digests of the pupils that are kept."""
        return {"pupil_real": digest_of(self.of_real.network), "pupil_few": digest_of(self.of_few.network)}

    def taught(self, lessons: Labelled) -> Pupil:
        """A new pupil of some images."""
        return Pupil.taught(lessons, self.classes, self.settings, self.seed, self.of_real.device)


def likeness(lessons: Labelled, images: Labelled) -> float:
    """The share of images that have the label of the most similar lesson: one nearest neighbour in pixels."""
    rows = nearest_in_pixels(images.images, lessons.images).rows[:, 0]
    return float((lessons.labels[rows] == images.labels).mean())


def of_real_images(protocol: Protocol, store: Store, device: torch.device) -> Substitution | None:
    """Real images in the place of synthetic ones: the floor. None where classes or labels are missing.

    The few are training images that are not in the reference, as far as there are enough.
    """
    parts = _real(protocol, store)
    if parts is None:
        return None
    real, held_out, few = parts
    classes = len(store.meta.classes)
    settings, seed = protocol.pupil, protocol.seed
    pupils = [Pupil.taught(lessons, classes, settings, seed, device) for lessons in (real, few)]
    return Substitution(real, held_out, held_out, few, pupils[0], pupils[1], classes, settings, seed)


def of_samples(
    protocol: Protocol, store: Store, images: NDArray[np.uint8], asked: Asked, floor: Path, device: torch.device
) -> Substitution | None:
    """Generated images and the labels asked for in the place of real ones, with the pupils that the floor left.

    None where labels were not asked for, or none is known.

    Raises:
        BenchError: the floor's pupils are missing or damaged.
    """
    parts = _real(protocol, store)
    if parts is None or asked.labels is None or not (asked.labels >= 0).any():
        return None
    synthetic = Labelled.known(images, asked.labels)
    _, held_out, few = parts
    classes, settings = len(store.meta.classes), protocol.pupil
    pupils = []
    for name in FILES.values():
        if not (floor / name).exists():
            raise BenchError(f"{floor / name}: no such file; run dvc repro floor")
        network = load_weights(_blank(images, classes, settings), floor / name)
        pupils.append(Pupil(network.to(device).to(memory_format=torch.channels_last).eval(), device))
    return Substitution(synthetic, synthetic, held_out, few, pupils[0], pupils[1], classes, settings, protocol.seed)


def save_pupils(found: Substitution, folder: Path) -> None:
    """Write the pupils of real images, for the evaluation of all cells."""
    save_weights(found.of_real.network, folder / FILES["real"])
    save_weights(found.of_few.network, folder / FILES["few"])


def described(settings: Settings) -> dict[str, Any]:
    """The pupils' protocol, for the record."""
    lessons = asdict(Lessons(settings.steps, BATCH, RATE, 0))
    kept = {name: lessons[name] for name in ("steps", "batch_size", "lr")}
    return {"network": f"the judge's architecture of width {settings.width}", "share_of_few": SHARE, **kept}


def _real(protocol: Protocol, store: Store) -> tuple[Labelled, Labelled, Labelled] | None:
    """n training images, n held-out ones or all that there are, and a tenth of the training images.

    None where one of these has no label.
    """
    if len(store.meta.classes) < 2:
        return None
    train, test = protocol.rows(store, "train"), protocol.rows(store, "test")
    images, labels = store.images("train"), store.labels("train")
    few = protocol.few(store, SHARE)
    parts = (
        Labelled.known(images[train], labels[train]),
        Labelled.known(store.images("test")[test], store.labels("test")[test]),
        Labelled.known(images[few], labels[few]),
    )
    return parts if all(parts) else None


def _blank(images: NDArray[np.uint8], classes: int, settings: Settings) -> Classifier:
    return Classifier(images.shape[1], images.shape[3], settings.width, classes)
