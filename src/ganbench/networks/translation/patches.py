"""What a discriminator of patches is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

import torch
from torch import Tensor, nn

from ganbench.networks.network import ImageShape
from ganbench.registry import Registry


class PatchDiscriminator(nn.Module):
    """Images (N, C, H, W) → one unbounded score a patch, (N, P).

    Args:
        stages: one after the other; the features of an image are what each but the last gives. The last gives maps of
            scores (N, 1, h, w).
    """

    def __init__(self, stages: Sequence[nn.Module]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)

    def features(self, images: Tensor) -> list[Tensor]:
        """What each stage but the last gives, from the image on: (N, width, h, w) each."""
        found = []
        for stage in list(self.stages)[:-1]:
            images = stage(images)
            found.append(images)
        return found

    def score(self, features: Sequence[Tensor]) -> Tensor:
        """Scores (N, P) of images whose features are known."""
        scores: Tensor = self.stages[-1](features[-1])
        return scores.flatten(1)

    def forward(self, images: Tensor) -> Tensor:  # noqa: D102
        return self.score(self.features(images))

    def single(self, images: Tensor) -> Tensor:
        """One score an image, (N,), the mean over its patches: what a penalty on single samples looks at."""
        return torch.mean(self(images), dim=1)


class Patches(ABC):
    """A family of discriminators of patches. Its fields are its options."""

    @abstractmethod
    def discriminator(self, shape: ImageShape) -> PatchDiscriminator:
        """A new discriminator, initialised from torch's default random state.

        Args:
            shape: of what it judges: an image, or an input and its output on each other's channels.
        """

    @abstractmethod
    def objection(self, resolution: int, per_sample: bool) -> str | None:
        """Why it can't be built so, or None.

        Args:
            resolution: of the images.
            per_sample: a constraint looks at the gradient of single samples, so nothing may mix the batch.
        """

    def constraint_objection(self, constraints: Collection[str]) -> str | None:  # noqa: ARG002
        """Why these constraints (their names) make no sense here, or None."""
        return None

    def per_layer_objection(self, constraint: str) -> str | None:  # noqa: ARG002
        """Why a constraint (its name) that bounds every layer makes no sense here, or None."""
        return None


PATCHES: Registry[Patches] = Registry("patches", "ganbench.networks.translation.discriminators")


def receptive_field(convolutions: Sequence[tuple[int, int]]) -> int:
    """Pixels on a side that a score depends on.

    Args:
        convolutions: (kernel, stride) of each, from the image on.
    """
    side = 1
    for kernel, stride in reversed(convolutions):
        side = (side - 1) * stride + kernel
    return side
