"""The judge: a small classifier trained on the real data, whose eyes all metrics of a track share."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from ganbench.data.batches import ImageStream
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Judge as Settings
from ganbench.training.device import seed_everything
from ganbench.training.weights import load_weights, save_weights

EPOCH_IMAGES = 10_000
"""An epoch is one pass over the training split, or this many images where the split is larger: the judge's cost is
bounded, and 30 epochs of MNIST are 300,000 images."""

CHUNK = 512
ROTATIONS = ("0°", "90°", "180°", "270°")
WEIGHTS, CARD = "judge.safetensors", "judge.json"


class Classifier(nn.Module):
    """A convolutional classifier for images of any power of two from 16 pixels on.

    Images above 16 px are first brought down to 16 by strided convolutions: on MNIST at 32 px that takes a quarter of
    the time, and no accuracy. All convolutions are 3×3 with batch norm and ReLU, of widths w, 2w, 4w, 4w; then the mean
    over positions (4w features, not negative) and one linear layer.

    Args:
        resolution: side of the images in pixels.
        channels: 1 or 3.
        width: w.
        outputs: number of classes.
    """

    def __init__(self, resolution: int, channels: int, width: int, outputs: int) -> None:
        super().__init__()
        halvings = max(0, int(math.log2(resolution)) - 4)
        plan = [(width, 2)] * halvings or [(width, 1)]
        plan += [(2 * width, 2), (4 * width, 2), (4 * width, 1)]
        layers: list[nn.Module] = []
        for out, stride in plan:
            layers += [nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(channels, outputs)

    def features(self, images: Tensor) -> Tensor:
        """Images float32 (N, C, H, W) in [-1, 1] → features (N, 4w)."""
        return torch.as_tensor(self.body(images).mean(dim=(2, 3)))

    def forward(self, images: Tensor) -> Tensor:
        """Images float32 (N, C, H, W) in [-1, 1] → logits (N, outputs)."""
        return torch.as_tensor(self.head(self.features(images)))


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
    """

    task: Literal["classes", "rotations"]
    classes: list[str]
    resolution: int
    channels: int
    width: int
    images: int
    test_accuracy: float
    test_loss: float

    def metrics(self) -> dict[str, float]:
        """What the stage reports: numbers alone."""
        return {"test_accuracy": self.test_accuracy, "test_loss": self.test_loss}


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
    def load(cls, root: Path, device: torch.device) -> Judge:
        """Read a judge that `train_judge` wrote.

        Raises:
            BenchError: a file is missing or damaged.
        """
        try:
            card = Card(**json.loads((root / CARD).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BenchError(f"{root / CARD}: no such file; run dvc repro judge") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{root / CARD}: not a judge's card: {error}; run dvc repro judge") from None
        network = load_weights(
            Classifier(card.resolution, card.channels, card.width, len(card.classes)), root / WEIGHTS
        )
        digest = hashlib.sha256((root / WEIGHTS).read_bytes()).hexdigest()[:16]
        return cls(network.to(device).to(memory_format=torch.channels_last).eval(), card, digest)


def train_judge(store: Store, settings: Settings, device: torch.device, root: Path) -> Card:
    """Train a judge on the training split and write its weights and card.

    Cross-entropy, Adam, a short warm-up to `lr` and half a cosine down to 0; images are moved by up to a sixteenth of
    their side, never mirrored, for a mirrored digit is none. Two runs on a CPU give the same bytes.

    Args:
        store: the packed images; rows without a label are left out where there are two classes or more.
        settings: `images.judge` of params.yaml.
        device: where to train.
        root: directory that is written as a whole.

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
    card = Card(task, classes, *shape, images, accuracy, loss)
    with fresh_directory(root) as folder:
        save_weights(network, folder / WEIGHTS)
        write_json(folder / CARD, asdict(card))
    return card


def to_float(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Images uint8 (N, H, W, C) → float32 (N, C, H, W) in [-1, 1], channels last in memory."""
    return torch.from_numpy(np.array(images)).to(device).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


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
    stream = ImageStream(images, labels, settings.batch_size, settings.seed, device)
    random = torch.Generator().manual_seed(settings.seed)
    steps = max(1, settings.epochs * min(len(images), EPOCH_IMAGES) // settings.batch_size)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.lr)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    network.train()
    with tqdm(total=steps * settings.batch_size, desc="judge", unit="img", unit_scale=True, dynamic_ncols=True) as bar:
        for step in range(steps):
            batch = stream.next()
            moved = _shifted(batch.images, random)
            inputs, targets = (moved, batch.labels) if task == "classes" else _rotated(moved)
            loss = F.cross_entropy(network(inputs), targets)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            if step % 50 == 0:
                bar.set_postfix(loss=f"{loss.item():.3g}", refresh=False)
            bar.update(settings.batch_size)
    network.eval()
    return steps * settings.batch_size


def _rate(step: int, steps: int) -> float:
    """The share of the learning rate: up over a twentieth of the steps, then half a cosine down to nearly 0."""
    return min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))


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


def _shifted(images: Tensor, random: torch.Generator) -> Tensor:
    """Each image (N, C, H, W) moved by up to a sixteenth of its side, with its border repeated."""
    count, _, height, width = images.shape
    reach = max(1, height // 16)
    offsets = torch.randint(0, 2 * reach + 1, (2, count, 1), generator=random)
    rows = (offsets[0] + torch.arange(height)).sub_(reach).clamp_(0, height - 1).to(images.device)
    columns = (offsets[1] + torch.arange(width)).sub_(reach).clamp_(0, width - 1).to(images.device)
    every = torch.arange(count, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[every, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _rotated(images: Tensor) -> tuple[Tensor, Tensor]:
    """Images (N, C, H, W), each quarter of them turned by its own angle, and the angles in quarters of a turn (N,)."""
    parts = images.chunk(4)
    turned = torch.cat([torch.rot90(part, turn, (2, 3)) for turn, part in enumerate(parts)])
    turns = torch.cat([torch.full((len(part),), turn, device=images.device) for turn, part in enumerate(parts)])
    return turned.contiguous(memory_format=torch.channels_last), turns
