"""What a distribution of points is to the rest of the bench.

A source is one class in one module of ``ganbench.data.points.sources``, found by its name; its fields are its options.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganbench.params import Choice
from ganbench.registry import Registry

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Modes:
    """The components of a mixture of round Gaussians.

    Attributes:
        centres: (K, dim).
        stds: standard deviation of each in every direction, (K,).
        weights: shares, (K,), sum 1.
    """

    centres: Array
    stds: Array
    weights: Array

    def distances(self, points: Array) -> Array:
        """Mahalanobis distance of each point (n, dim) to each mode, (n, K)."""
        apart = points[:, None, :] - self.centres[None]
        return np.asarray(np.sqrt(np.square(apart).sum(axis=2)) / self.stds)


class PointSource(ABC):
    """A distribution on R^dim whose density is known."""

    @property
    @abstractmethod
    def dim(self) -> int:
        """Numbers in a point."""

    @property
    def modes(self) -> Modes | None:
        """Its modes; None where there are none to count."""
        return None

    @abstractmethod
    def draw(self, count: int, rng: np.random.Generator) -> Array:
        """Draw points (count, dim): a pure function of the state of `rng`."""

    @abstractmethod
    def log_density(self, points: Array) -> Array:
        """The logarithm of the density at points (n, dim), (n,)."""

    @property
    @abstractmethod
    def reach(self) -> float:
        """All but stray points lie within [−reach, reach] in every coordinate; pictures show this much."""


class MixtureSource(PointSource):
    """A mixture of round Gaussians: all follows from its modes."""

    @property
    @abstractmethod
    def modes(self) -> Modes:
        """Centres, standard deviations and weights."""

    @property
    def dim(self) -> int:  # noqa: D102
        return int(self.modes.centres.shape[1])

    def draw(self, count: int, rng: np.random.Generator) -> Array:  # noqa: D102
        modes = self.modes
        which = rng.choice(len(modes.weights), count, p=modes.weights)
        return modes.centres[which] + modes.stds[which, None] * rng.standard_normal((count, self.dim))

    def log_density(self, points: Array) -> Array:
        """log Σ_k w_k N(x; c_k, σ_k² I)."""
        modes = self.modes
        scale = np.log(modes.weights) - self.dim * np.log(modes.stds * np.sqrt(2 * np.pi))
        return log_sum_exp(scale - np.square(modes.distances(points)) / 2)

    @property
    def reach(self) -> float:  # noqa: D102
        modes = self.modes
        return float(1.15 * (np.abs(modes.centres).max(axis=1) + 3 * modes.stds).max())


def log_sum_exp(terms: Array) -> Array:
    """log Σ_k exp(terms), (n, K) → (n,), without overflow."""
    largest = terms.max(axis=1)
    return np.asarray(largest + np.log(np.exp(terms - largest[:, None]).sum(axis=1)))


POINT_SOURCES: Registry[PointSource] = Registry("dataset", "ganbench.data.points.sources")


def open_points(dataset: Choice, where: str = "points.dataset") -> PointSource:
    """The distribution that params.yaml names.

    Raises:
        BenchError: unknown name or option.
    """
    return POINT_SOURCES.build(dataset, where)
