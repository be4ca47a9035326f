"""Batches of real images on the device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

RESIDENT_SHARE = 0.5
"""A split moves to the GPU whole if it takes at most this share of the free memory there."""


@dataclass(frozen=True)
class Batch:
    """Real images and what is known of them."""

    images: Tensor
    """float32 (N, C, H, W) in [-1, 1], channels last in memory."""

    labels: Tensor
    """int64 (N,); -1 where there is none."""


class ImageStream:
    """An endless stream of batches; its order is a pure function of (seed, epoch).

    Every epoch is a permutation of the split, and epochs follow each other without a gap: no image is dropped.

    Args:
        images: uint8 (N, H, W, C), possibly a memory map.
        labels: int64 (N,).
        batch_size: images in a batch; it may exceed N.
        seed: of the order.
        device: where batches are wanted. The split itself goes there too where it fits.
    """

    def __init__(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], batch_size: int, seed: int, device: torch.device
    ) -> None:
        self._images = images
        self._labels = labels
        self._resident: Batch | None = None
        if device.type == "cuda" and images.nbytes < RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self._resident = Batch(torch.tensor(images, device=device), torch.tensor(labels, device=device))
        self._batch_size = batch_size
        self._seed = seed
        self._device = device
        self._epoch = -1
        self._order = torch.empty(0, dtype=torch.int64)
        self.position = 0

    def next(self) -> Batch:
        """The next batch."""
        rows = self._next_rows()
        if self._resident:
            images, labels = self._resident.images[rows], self._resident.labels[rows]
        else:
            images = torch.from_numpy(self._images[rows.numpy()]).to(self._device)
            labels = torch.from_numpy(self._labels[rows.numpy()]).to(self._device)
        return Batch(images.permute(0, 3, 1, 2).float().div_(127.5).sub_(1), labels)

    def _next_rows(self) -> Tensor:
        size, parts, wanted = len(self._labels), [], self._batch_size
        while wanted:
            epoch, start = divmod(self.position, size)
            if epoch != self._epoch:
                self._epoch, self._order = epoch, self._permutation(epoch)
            part = self._order[start : start + wanted]
            parts.append(part)
            wanted -= len(part)
            self.position += len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _permutation(self, epoch: int) -> Tensor:
        rng = np.random.default_rng([self._seed, epoch])
        order = torch.from_numpy(rng.permutation(len(self._labels)))
        return order.to(self._device) if self._resident else order


def to_uint8(images: Tensor) -> NDArray[np.uint8]:
    """Images (N, C, H, W) in [-1, 1] → uint8 (N, H, W, C) on the host, rounded to the nearest."""
    scaled = images.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    array: NDArray[np.uint8] = scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array
