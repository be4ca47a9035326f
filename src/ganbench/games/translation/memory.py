"""What games of translation remember from move to move."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganbench import across
from ganbench.networks.network import ImageShape


class Shown(nn.Module):
    """The generated images of the latest move: the discriminator sees them without their being made again.

    Args:
        batch: images in a batch, over all processes.
        shape: of each.
    """

    images: Tensor

    def __init__(self, batch: int, shape: ImageShape) -> None:
        super().__init__()
        size = (batch // across.size(), shape.channels, shape.resolution, shape.resolution)
        self.register_buffer("images", torch.zeros(size).to(memory_format=torch.channels_last))

    @torch.no_grad()
    def keep(self, images: Tensor) -> None:
        """Remember them, (N, C, H, W)."""
        self.images.copy_(images)


class Pool(nn.Module):
    """A history of generated images (Shrivastava et al. 2017, section 2.3; Zhu et al. 2017, section 4).

    Until it is full it keeps every image and gives it back. From then on, with probability ½ an image changes places
    with one of the pool, which is given back in its stead. The images of one batch draw different places. It never
    waits for the device, and its random numbers come from torch's default state.

    Args:
        size: images that it holds; 0: none, and it gives every image back.
        shape: of an image.
    """

    images: Tensor
    count: Tensor

    def __init__(self, size: int, shape: ImageShape) -> None:
        super().__init__()
        self.size = size
        images = torch.zeros(size, shape.channels, shape.resolution, shape.resolution)
        self.register_buffer("images", images.to(memory_format=torch.channels_last))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def exchange(self, new: Tensor) -> Tensor:
        """Images for the discriminator in the place of new ones, (N, C, H, W), N over all processes at most `size`."""
        if self.size == 0:
            return new
        arrived = across.gather(new).float()
        slots = self._slots(len(arrived))
        free = self.count + torch.arange(len(arrived), device=arrived.device) < self.size
        swaps = ~free & (torch.rand(len(arrived), device=arrived.device) < 0.5)
        old = self.images.index_select(0, slots)
        self.images.index_copy_(0, slots, torch.where(_column(free | swaps), arrived, old))
        self.count.add_(len(arrived)).clamp_(max=self.size)
        return across.own(torch.where(_column(swaps), old, arrived)).to(new.dtype)

    def _slots(self, count: int) -> Tensor:
        """Places for so many images, all different: the free ones first, in order, then random ones."""
        places = torch.arange(self.size, device=self.images.device)
        draws = torch.rand(self.size, device=self.images.device)
        order = torch.where(places < self.count, draws, places.float() - self.size)
        return order.argsort(stable=True)[:count]


class Seen(nn.Module):
    """How many real images were shown: a schedule's place, kept with the checkpoint.

    Attributes:
        images: int64, a scalar.
    """

    images: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def add(self, images: int) -> None:
        """Count a batch of one process; all have as many."""
        self.images.add_(images * across.size())


def _column(flags: Tensor) -> Tensor:
    return flags[:, None, None, None]
