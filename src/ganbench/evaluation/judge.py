"""The judge: a small classifier trained on the real data, whose eyes all metrics of a track share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.attributes import train_attributes
from ganbench.evaluation.classifier import CHUNK, Classifier, Lessons, fit, to_float
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Judge as Settings
from ganbench.training.device import seed_everything
from ganbench.training.weights import load_weights, save_weights

EPOCH_IMAGES = 10_000
"""An epoch is one pass over the training split, or this many images where the split is larger: the judge's cost is
bounded, and 30 epochs of MNIST are 300,000 images."""

ROTATIONS = ("0°", "90°", "180°", "270°")
WEIGHTS, CARD = "judge.safetensors", "judge.json"


@dataclass(frozen=True)
class Card:
    """What a judge is.

    Attributes:
        task: what it learned: the classes of the data or, where there are fewer than two, the four rotations of an
            image (Gidaris et al. 2018, "Unsupervised Representation Learning by Predicting Image Rotations").
        classes: the names of its outputs.
        resolution, channels, width: its architecture.
        images: training images shown to it.
        test_accuracy: on the held-out split.
        test_loss: cross-entropy on the held-out split, in nats.
        attributes: held-out accuracy of the attribute judge, by attribute; empty: the data have no attributes.
    """

    task: Literal["classes", "rotations"]
    classes: list[str]
    resolution: int
    channels: int
    width: int
    images: int
    test_accuracy: float
    test_loss: float
    attributes: dict[str, float] = field(default_factory=dict)

    def metrics(self) -> dict[str, float]:
        """What the stage reports: numbers alone."""
        of_attributes = {f"test_accuracy_{name}": accuracy for name, accuracy in self.attributes.items()}
        return {"test_accuracy": self.test_accuracy, "test_loss": self.test_loss, **of_attributes}


@dataclass(frozen=True)
class Judge:
    """A trained judge.

    Attributes:
        network: in evaluation mode, on its device.
        card: what it is.
        digest: of its weights, 16 hexadecimal digits: two numbers compare only under the same judge.
    """

    network: Classifier
    card: Card
    digest: str

    @classmethod
    def load(cls, root: Path, device: torch.device, stage: str = "judge") -> Judge:
        """Read a judge that `train_judge` wrote in a stage.

        Raises:
            BenchError: a file is missing or damaged.
        """
        try:
            card = Card(**json.loads((root / CARD).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BenchError(f"{root / CARD}: no such file; run dvc repro {stage}") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{root / CARD}: not a judge's card: {error}; run dvc repro {stage}") from None
        network = load_weights(
            Classifier(card.resolution, card.channels, card.width, len(card.classes)), root / WEIGHTS
        )
        digest = hashlib.sha256((root / WEIGHTS).read_bytes()).hexdigest()[:16]
        return cls(network.to(device).to(memory_format=torch.channels_last).eval(), card, digest)


def train_judge(store: Store, settings: Settings, device: torch.device, root: Path, attributes: bool = True) -> Card:
    """Train a judge on the training split and write its weights and card.

    Cross-entropy, trained as `fit` says. Where the data have attributes, a second judge learns these. Two runs on a
    CPU give the same bytes.

    Args:
        store: the packed images; rows without a label are left out where there are two classes or more.
        settings: `images.judge` of params.yaml.
        device: where to train.
        root: directory that is written as a whole.
        attributes: whether the attributes are learned, where the data have some.

    Raises:
        BenchError: the training split has labels and the test split has none.
    """
    task, classes = _task(store)
    seed_everything(settings.seed)
    network = Classifier(store.meta.resolution, store.meta.channels, settings.width, len(classes))
    network.to(device).to(memory_format=torch.channels_last)
    images = _fit(network, store, settings, device, task)
    accuracy, loss = _test(network, store, device, task)
    shape = (store.meta.resolution, store.meta.channels, settings.width)
    with fresh_directory(root) as folder:
        of_attributes: dict[str, float] = {}
        if attributes and store.meta.attributes:
            lessons = lessons_of(settings, store.meta.train, "attribute judge")
            of_attributes = train_attributes(store, settings.width, lessons, device, folder)
        card = Card(task, classes, *shape, images, accuracy, loss, of_attributes)
        save_weights(network, folder / WEIGHTS)
        write_json(folder / CARD, asdict(card))
    return card


def _task(store: Store) -> tuple[Literal["classes", "rotations"], list[str]]:
    """What there is to learn, and the names of the outputs."""
    labels = store.labels("train")
    if len(np.unique(labels[labels >= 0])) < 2:
        return "rotations", list(ROTATIONS)
    if not (store.labels("test") >= 0).any():
        raise BenchError(f"{store.root}: test.parquet: label: no image has one, but the training images have")
    return "classes", list(store.meta.classes)


def _rows(store: Store, split: Literal["train", "test"], task: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The images and labels of a split that the task can use."""
    images, labels = store.images(split), store.labels(split)
    usable = labels >= 0
    return (images, labels) if task == "rotations" or usable.all() else (images[usable], labels[usable])


def _fit(network: Classifier, store: Store, settings: Settings, device: torch.device, task: str) -> int:
    """Train; the number of images shown."""
    images, labels = _rows(store, "train", task)
    lessons = lessons_of(settings, len(images), "judge")

    def loss(batch: Tensor, labels: Tensor) -> Tensor:
        inputs, targets = (batch, labels) if task == "classes" else _rotated(batch)
        return F.cross_entropy(network(inputs), targets)

    fit(network, images, labels, loss, lessons, device)
    return lessons.steps * lessons.batch_size


def lessons_of(settings: Settings, images: int, title: str) -> Lessons:
    """How a judge is trained on a number of images: see `EPOCH_IMAGES`."""
    steps = max(1, settings.epochs * min(images, EPOCH_IMAGES) // settings.batch_size)
    return Lessons(steps, settings.batch_size, settings.lr, settings.seed, title)


@torch.inference_mode()
def _test(network: Classifier, store: Store, device: torch.device, task: str) -> tuple[float, float]:
    """Accuracy and cross-entropy on the held-out split."""
    images, labels = _rows(store, "test", task)
    right, loss, count = 0, 0.0, 0
    for start in range(0, len(images), CHUNK):
        inputs = to_float(images[start : start + CHUNK], device)
        targets = torch.from_numpy(labels[start : start + CHUNK]).to(device)
        if task == "rotations":
            inputs = torch.cat([torch.rot90(inputs, turn, (2, 3)) for turn in range(4)])
            targets = torch.arange(4, device=device).repeat_interleave(len(inputs) // 4)
        logits = network(inputs)
        right += int((logits.argmax(1) == targets).sum())
        loss += float(F.cross_entropy(logits.double(), targets, reduction="sum"))
        count += len(inputs)
    return right / count, loss / count


def _rotated(images: Tensor) -> tuple[Tensor, Tensor]:
    """Images (N, C, H, W), each quarter of them turned by its own angle, and the angles in quarters of a turn (N,)."""
    parts = images.chunk(4)
    turned = torch.cat([torch.rot90(part, turn, (2, 3)) for turn, part in enumerate(parts)])
    turns = torch.cat([torch.full((len(part),), turn, device=images.device) for turn, part in enumerate(parts)])
    return turned.contiguous(memory_format=torch.channels_last), turns
