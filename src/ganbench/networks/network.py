"""What an architecture is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from ganbench.registry import Registry

Norm = Literal["auto", "batch", "none"]


@dataclass(frozen=True)
class ImageShape:
    """Square images: (channels, resolution, resolution), values in [-1, 1]."""

    channels: int
    resolution: int

    @property
    def size(self) -> int:
        """Values in one image."""
        return self.channels * self.resolution**2


class Generator(nn.Module, ABC):
    """Latents (N, latent_dim), standard normal → images (N, C, H, W) in [-1, 1]."""

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim

    @abstractmethod
    def forward(self, latent: Tensor) -> Tensor:
        """Draw one image a latent."""


class Network(ABC):
    """An architecture: a generator and a discriminator that belong together. Its fields are its options."""

    @abstractmethod
    def generator(self, shape: ImageShape) -> Generator:
        """A new generator, initialised from torch's default random state."""

    @abstractmethod
    def discriminator(self, shape: ImageShape, per_sample: bool) -> nn.Module:
        """A new discriminator: images (N, C, H, W) in [-1, 1] → one unbounded score an image, (N,).

        Args:
            shape: of the images.
            per_sample: a constraint looks at the gradient of single samples, so nothing may mix the batch.
        """

    @abstractmethod
    def objection(self, shape: ImageShape, per_sample: bool) -> str | None:
        """Why this network can't be built so, or None."""


NETWORKS: Registry[Network] = Registry("network", __name__.rpartition(".")[0])


def resolve_norm(norm: Norm, per_sample: bool) -> bool:
    """Whether a discriminator has batch normalisation: `auto` means yes, except where it would mix samples."""
    return norm == "batch" or (norm == "auto" and not per_sample)


def norm_objection(norm: Norm, per_sample: bool) -> str | None:
    """Batch normalisation makes a sample's score depend on its neighbours: a penalty on its gradient means nothing."""
    if norm == "batch" and per_sample:
        return (
            "discriminator_norm: 'batch' mixes the samples of a batch, but the constraint penalises the gradient "
            "of single samples; allowed: auto, none"
        )
    return None
