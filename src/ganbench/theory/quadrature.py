"""Densities on the line, integrals over them, and an objective's expected loss without any sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ganbench.objectives.objective import Objective


@dataclass(frozen=True)
class Mixture:
    """Σ wᵢ N(mᵢ, sᵢ²) on the line."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]

    def log_density(self, x: Tensor) -> Tensor:
        """Log density at points of any shape, float64."""
        means, deviations, weights = (
            torch.tensor(part, dtype=torch.float64) for part in (self.means, self.deviations, self.weights)
        )
        scaled = (x.double()[..., None] - means) / deviations
        normal = -0.5 * scaled.square() - deviations.log() - 0.5 * math.log(2 * math.pi)
        return torch.logsumexp(weights.log() + normal, -1)

    def density(self, x: Tensor) -> Tensor:
        """Density at points of any shape, float64."""
        return self.log_density(x).exp()

    def sample(self, count: int) -> Tensor:
        """Independent points (count,), float32, from torch's default random state."""
        which = torch.multinomial(torch.tensor(self.weights), count, replacement=True)
        return torch.tensor(self.means)[which] + torch.tensor(self.deviations)[which] * torch.randn(count)


def normal(mean: float, deviation: float = 1.0) -> Mixture:
    """N(mean, deviation²)."""
    return Mixture((mean,), (deviation,), (1.0,))


@dataclass(frozen=True)
class Line:
    """The trapezoidal rule; for smooth densities that vanish at both ends its error falls faster than any power."""

    low: float = -14.0
    high: float = 14.0
    count: int = 8001

    @property
    def nodes(self) -> Tensor:
        """Points (count,), float64."""
        return torch.linspace(self.low, self.high, self.count, dtype=torch.float64)

    def integrate(self, values: Tensor) -> float:
        """The integral of values (count,) at the nodes."""
        return float(torch.trapezoid(values, dx=(self.high - self.low) / (self.count - 1)))


LINE = Line()


def expected_loss(objective: Objective, scores: Tensor, p: Mixture, q: Mixture, line: Line = LINE) -> float:
    """The discriminator's loss in expectation: real samples from p, generated ones from q.

    An objective takes means over samples. Where it is a sum a(real) + b(generated), as all but the relativistic ones
    are, a and b can be had point by point, and integrated.

    Args:
        objective: whose loss.
        scores: of the discriminator at the nodes of the line, float64 (count,).
        p: the data's density.
        q: the generator's density.
        line: where to integrate.
    """
    origin = torch.zeros(1, dtype=scores.dtype)
    loss = torch.func.vmap(objective.discriminator, in_dims=(0, None))(scores[:, None], origin)
    other = torch.func.vmap(objective.discriminator, in_dims=(None, 0))(origin, scores[:, None])
    both = float(objective.discriminator(origin, origin))
    return line.integrate(p.density(line.nodes) * loss + q.density(line.nodes) * other) - both


def jensen_shannon(p: Tensor, q: Tensor) -> float:
    """JSD = ½ KL(p‖m) + ½ KL(q‖m), m = (p + q) / 2, in nats, of two discrete distributions (n,) on the same points."""
    middle = (p + q) / 2
    return float((torch.xlogy(p, p) + torch.xlogy(q, q) - 2 * torch.xlogy(middle, middle)).sum() / 2)
