"""What an architecture is to the rest of the bench."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from torch import Tensor, nn

from ganbench.registry import Registry

Norm = Literal["auto", "batch", "none"]

Mix = Callable[[int], tuple[nn.Module, int]]
"""F → layers (N, F) → (N, F′) that let samples of a batch see each other, and F′."""


@dataclass(frozen=True)
class ImageShape:
    """Square images: (channels, resolution, resolution), values in [-1, 1]."""

    channels: int
    resolution: int

    @property
    def size(self) -> int:
        """Values in one image."""
        return self.channels * self.resolution**2

    def packed(self, count: int) -> ImageShape:
        """The shape of `count` images that lie on each other's channels."""
        return ImageShape(count * self.channels, self.resolution)


@dataclass(frozen=True)
class PointShape:
    """Points of the plane, the line, …: (dim,), of any value."""

    dim: int

    @property
    def size(self) -> int:
        """Values in one point."""
        return self.dim

    def packed(self, count: int) -> PointShape:
        """The shape of `count` points in a row."""
        return PointShape(count * self.dim)


Shape = ImageShape | PointShape


def pack(samples: Tensor, count: int) -> Tensor:
    """Each `count` neighbours of a batch as one sample, joined along the channels: (N, C, …) → (N / m, m C, …)."""
    if count == 1:
        return samples
    return samples.reshape(len(samples) // count, count * samples.shape[1], *samples.shape[2:])


class Generator(nn.Module, ABC):
    """Latents (N, latent_dim), standard normal → samples: images (N, C, H, W) in [-1, 1], or points (N, dim)."""

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim

    @abstractmethod
    def forward(self, latent: Tensor) -> Tensor:
        """Draw one sample a latent."""

    def code(self, asked: Tensor | None) -> Tensor | None:  # noqa: ARG002
        """What `draw` wants to know of what was asked for; nothing, where nothing can be asked for."""
        return None

    def draw(self, latent: Tensor, code: Tensor | None) -> Tensor:  # noqa: ARG002
        """Draw one sample a latent, (N, latent_dim), and a code, (N, …)."""
        samples: Tensor = self(latent)
        return samples


def unmixed(width: int) -> tuple[nn.Module, int]:
    """No sample sees another."""
    return nn.Identity(), width


class Discriminator(nn.Module):
    """Samples (N, …) → one unbounded score a sample, (N,), in three parts.

    Attributes:
        features: samples → (N, F), the last hidden layer.
        mix: (N, F) → (N, F′), where minibatch tricks compare the samples of a batch.
        head: (N, F′) → (N, 1), linear.

    Args:
        features: see above.
        width: F.
        mix: makes the layers of that name.
        bias: of the head.
    """

    def __init__(self, features: nn.Module, width: int, mix: Mix = unmixed, bias: bool = True) -> None:
        super().__init__()
        self.features = features
        self.mix, width = mix(width)
        self.head = nn.Linear(width, 1, bias=bias)

    def code(self, asked: Tensor | None) -> Tensor | None:  # noqa: ARG002
        """What judging wants to know of what was asked for; nothing, where samples are judged by themselves."""
        return None

    def hidden(self, samples: Tensor, code: Tensor | None) -> Tensor:  # noqa: ARG002
        """Features (N, F) of samples of which a code, (N, …), was asked for."""
        features: Tensor = self.features(samples)
        return features

    def score(self, features: Tensor, code: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Scores (N,) of samples whose features (N, F) are known."""
        scores: Tensor = self.head(self.mix(features)).squeeze(1)
        return scores

    def judge(self, samples: Tensor, code: Tensor | None) -> Tensor:
        """Scores (N,) of samples of which a code was asked for."""
        return self.score(self.hidden(samples, code), code)

    def forward(self, samples: Tensor, asked: Tensor | None = None) -> Tensor:  # noqa: D102
        return self.judge(samples, self.code(asked))

    def constrained(self) -> nn.Module:
        """What a sample passes through on its way to the score: a constraint holds its weights."""
        return self


class Network(ABC):
    """An architecture: a generator and a discriminator that belong together. Its fields are its options."""

    @abstractmethod
    def generator(self, shape: Shape) -> Generator:
        """A new generator, initialised from torch's default random state."""

    @abstractmethod
    def discriminator(self, shape: Shape, per_sample: bool, mix: Mix = unmixed) -> Discriminator:
        """A new discriminator, initialised from torch's default random state.

        Args:
            shape: of the samples, which may be packs of several.
            per_sample: a constraint looks at the gradient of single samples, so nothing may mix the batch.
            mix: what stands between features and head.
        """

    @abstractmethod
    def objection(self, shape: Shape, per_sample: bool) -> str | None:
        """Why this network can't be built so, or None."""

    def widened(self, by: int) -> Self:
        """The same architecture with `by` more latent variables."""
        options = cast("Any", self)
        return cast("Self", dataclasses.replace(options, latent=options.latent + by))

    def bare(self) -> Self:
        """The same architecture, whose discriminator's `auto` normalisation is none."""
        options = cast("Any", self)
        return cast("Self", dataclasses.replace(options, discriminator_norm="none")) if self._norm == "auto" else self

    def per_layer_objection(self, constraint: str) -> str | None:
        """Why a constraint (its name) that bounds every layer makes no sense on this discriminator, or None."""
        if self._norm != "batch":
            return None
        return (
            f"discriminator_norm: 'batch' undoes {constraint}: it rescales what each layer gives; allowed: auto, none"
        )

    @property
    def _norm(self) -> Norm:
        return getattr(self, "discriminator_norm", "none")

    def constraint_objection(self, constraints: Collection[str]) -> str | None:  # noqa: ARG002
        """Why these constraints (their names) make no sense on this network's discriminator, or None."""
        return None


NETWORKS: Registry[Network] = Registry("network", __name__.rpartition(".")[0])


def to_samples(shape: Shape) -> nn.Module:
    """The end of a fully connected generator: values (N, size) → images by tanh, or points as they are."""
    if isinstance(shape, PointShape):
        return nn.Identity()
    return nn.Sequential(nn.Tanh(), nn.Unflatten(1, (shape.channels, shape.resolution, shape.resolution)))


def levels(shape: Shape) -> int:
    """How often a convolutional network halves its images until they are 4 × 4."""
    assert isinstance(shape, ImageShape)
    return shape.resolution.bit_length() - 3


def image_objection(shape: Shape) -> str | None:
    """Convolutions that halve down to 4 × 4 need images of 8, 16, 32, … pixels."""
    if isinstance(shape, PointShape):
        return f"it makes images, not points of dimension {shape.dim}; fully connected networks make points"
    if shape.resolution < 8 or shape.resolution & (shape.resolution - 1):
        return f"it makes images of 8, 16, 32, … pixels, not {shape.resolution}"
    return None


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
