"""A small convolutional classifier and how it is trained: the judge's network, and its pupils'."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from ganbench.data import batches
from ganbench.data.batches import ImageStream

CHUNK = 512


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
class Lessons:
    """How a classifier is trained.

    Attributes:
        steps: batches shown.
        batch_size: images in each.
        lr: highest learning rate of Adam.
        seed: of the order and of the shifts.
        title: of the progress bar; empty: none.
    """

    steps: int
    batch_size: int
    lr: float
    seed: int
    title: str = ""


def fit(
    network: nn.Module,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    loss: Callable[[Tensor, Tensor], Tensor],
    lessons: Lessons,
    device: torch.device,
) -> None:
    """Train a classifier with Adam, a short warm-up to the learning rate and half a cosine down to 0.

    Images are moved by up to a sixteenth of their side, never mirrored, for a mirrored digit is none. Afterwards the
    network is in evaluation mode.

    Args:
        network: on the device.
        images: uint8 (N, H, W, C).
        labels: int64 (N,).
        loss: of images float32 (B, C, H, W) in [-1, 1] and their labels (B,); a scalar.
        lessons: how long, and how.
        device: where to train.
    """
    stream = ImageStream(images, labels, lessons.batch_size, lessons.seed, device)
    random = torch.Generator().manual_seed(lessons.seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=lessons.lr)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, lessons.steps))
    network.train()
    total = lessons.steps * lessons.batch_size
    hidden = not lessons.title
    with tqdm(total=total, desc=lessons.title, unit="img", unit_scale=True, dynamic_ncols=True, disable=hidden) as bar:
        for step in range(lessons.steps):
            batch = stream.next()
            value = loss(shifted(batch.images, random), batch.labels)
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            if step % 50 == 0 and not hidden:
                bar.set_postfix(loss=f"{value.item():.3g}", refresh=False)
            bar.update(lessons.batch_size)
    network.eval()


def rate(step: int, steps: int) -> float:
    """The share of the learning rate: up over a twentieth of the steps, then half a cosine down to nearly 0."""
    return min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))


def shifted(images: Tensor, random: torch.Generator) -> Tensor:
    """Each image (N, C, H, W) moved by up to a sixteenth of its side, with its border repeated."""
    count, _, height, width = images.shape
    reach = max(1, height // 16)
    offsets = torch.randint(0, 2 * reach + 1, (2, count, 1), generator=random)
    rows = (offsets[0] + torch.arange(height)).sub_(reach).clamp_(0, height - 1).to(images.device)
    columns = (offsets[1] + torch.arange(width)).sub_(reach).clamp_(0, width - 1).to(images.device)
    every = torch.arange(count, device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[every, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def to_float(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Images uint8 (N, H, W, C) → float32 (N, C, H, W) in [-1, 1], channels last in memory."""
    return batches.to_float(torch.from_numpy(np.array(images)).to(device))
