"""Batches of real images on the device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

RESIDENT_SHARE = 0.5
"""A split moves to the GPU whole if it takes at most this share of the free memory there."""


def _no_captions() -> Tensor:
    return torch.empty(0, 0, dtype=torch.int64)


def _no_targets() -> Tensor:
    return torch.empty(0)


@dataclass(frozen=True)
class Batch:
    """Real images and what is known of them."""

    images: Tensor
    """float32 (N, C, H, W) in [-1, 1], channels last in memory."""

    labels: Tensor
    """int64 (N,); -1 where there is none."""

    captions: Tensor = field(default_factory=_no_captions)
    """int64 (N, L), the codes of `ganbench.data.captions.Vocabulary`; empty where a game does not read them."""

    targets: Tensor = field(default_factory=_no_targets)
    """float32 (N, C′, H, W), images of another domain; empty where there is none."""


class Stream(Protocol):
    """An endless stream of batches; one whose data stay on the host inherits all but `next`."""

    position: int
    """Says what the next batch will be; a checkpoint keeps it and sets it again."""

    share: slice = slice(None)
    """The rows of each batch that are wanted, where several processes share it."""

    def next(self) -> Batch:
        """The next batch."""
        self.prepare()
        return self.draw()

    @property
    def resident(self) -> bool:
        """Whether the data are on the device: a CUDA graph may then hold `draw`, with `prepare` before each launch."""
        return False

    @property
    def moving(self) -> list[Tensor]:
        """What `draw` changes in place, where the data are resident."""
        return []

    def prepare(self) -> None:
        """The host's half of `next`: make sure that a batch can be drawn, and count it."""
        return  # else it would count as a method without an implementation

    def draw(self) -> Batch:
        """The device's half of `next`: the batch that was prepared."""
        return self.next()


class ImageStream(Stream):
    """An endless stream of batches; its order is a pure function of (seed, epoch).

    Every epoch is a permutation of the split, and epochs follow each other without a gap: no image is dropped.
    Where the split is resident on the device, `draw` reads the order and its place in it from tensors that never move,
    so it can be captured in a CUDA graph.

    Args:
        images: uint8 (N, H, W, C), possibly a memory map.
        labels: int64 (N,).
        batch_size: images in a batch; it may exceed N.
        seed: of the order.
        device: where batches are wanted. The split itself goes there too where it fits.
        share: the rows of each batch that are wanted, where several processes share it.
        captions: int64 (N, L), for games that read them.

    Attributes:
        turn: int64 (1,), batches drawn since the order was last written.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        batch_size: int,
        seed: int,
        device: torch.device,
        share: slice = slice(None),
        captions: NDArray[np.int64] | None = None,
    ) -> None:
        self._images = np.asarray(images)
        self._labels = labels
        self._captions = np.empty((len(labels), 0), np.int64) if captions is None else captions
        self._resident: Batch | None = None
        if device.type == "cuda" and images.nbytes < RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self._resident = Batch(
                torch.tensor(images, device=device),
                torch.tensor(labels, device=device),
                torch.tensor(self._captions, device=device),
            )
        self._batch_size = batch_size
        self._seed = seed
        self._device = device
        self.share = share
        self._epoch = -1
        self._order = np.empty(0, np.int64)
        ahead = max(1, len(labels) // batch_size)
        home = device if self._resident else torch.device("cpu")
        self._rows = torch.empty(ahead, batch_size, dtype=torch.int64, device=home)
        self._unused = 0  # rows of `_rows` that are still to come
        self.turn = torch.zeros(1, dtype=torch.int64, device=home)
        self._position = 0

    @property
    def resident(self) -> bool:
        """Whether the split is on the device."""
        return self._resident is not None

    @property
    def moving(self) -> list[Tensor]:
        """What `draw` changes in place, and a graph must put back."""
        return [self.turn]

    @property
    def position(self) -> int:
        """Images drawn so far."""
        return self._position

    @position.setter
    def position(self, images: int) -> None:
        self._position = images
        self._unused = 0

    def prepare(self) -> None:
        """Make sure that a batch can be drawn, and count it."""
        if not self._unused:
            rows = torch.from_numpy(self._following(self._rows.numel())).view(self._rows.shape)
            self._rows.copy_(rows.pin_memory() if self._rows.is_cuda else rows, non_blocking=True)
            self.turn.zero_()
            self._unused = len(self._rows)
        self._unused -= 1
        self._position += self._batch_size

    def draw(self) -> Batch:
        """The batch that was prepared."""
        rows = self._rows.index_select(0, self.turn)[0, self.share]
        self.turn.add_(1).remainder_(len(self._rows))
        if there := self._resident:
            images, labels = there.images.index_select(0, rows), there.labels.index_select(0, rows)
            captions = there.captions.index_select(0, rows)
        else:
            index = rows.numpy()
            images = self._sent(self._images[index])
            labels = self._sent(self._labels[index])
            captions = self._sent(self._captions[index])
        return Batch(to_float(images), labels, captions)

    def _sent(self, array: NDArray[np.generic]) -> Tensor:
        tensor = torch.from_numpy(array)
        return tensor if self._device.type == "cpu" else tensor.pin_memory().to(self._device, non_blocking=True)

    def _following(self, count: int) -> NDArray[np.int64]:
        """Rows of the images from `position` on."""
        size, parts, position = len(self._labels), [], self._position
        while count:
            epoch, start = divmod(position, size)
            if epoch != self._epoch:
                self._epoch, self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(size)
            part = self._order[start : start + count]
            parts.append(part)
            count -= len(part)
            position += len(part)
        return np.concatenate(parts)


def to_float(images: Tensor) -> Tensor:
    """uint8 (N, H, W, C) → float32 (N, C, H, W) in [-1, 1], channels last in memory."""
    return images.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def to_uint8(images: Tensor) -> NDArray[np.uint8]:
    """Images (N, C, H, W) in [-1, 1] → uint8 (N, H, W, C) on the host, rounded to the nearest."""
    scaled = images.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    array: NDArray[np.uint8] = scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array
