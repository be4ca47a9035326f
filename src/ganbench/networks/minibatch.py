"""Layers in which the samples of a batch see each other, so that a collapsed batch shows.

They stand between the features and the head of a discriminator. Where several processes share a batch, each compares
its samples with those of all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganbench.networks.across import gather, own


class MinibatchDiscrimination(nn.Module):
    """Features (N, F) → (N, F + kernels): how close each sample is to the others, by several learnt measures.

    c_b(x_i, x_j) = exp(−‖M_ib − M_jb‖₁) with M_i = f(x_i) T, and o(x_i)_b = Σ_j c_b(x_i, x_j), beside the features
    (Salimans et al. 2016, section 3.2). As in the authors' code T's columns have norm 1 at the start, and j ≠ i: a
    sample's closeness to itself is always 1. It is computed in float32.

    Args:
        features: F.
        kernels: B, how many measures.
        dimensions: C, of the space in which each measures.
    """

    def __init__(self, features: int, kernels: int, dimensions: int) -> None:
        super().__init__()
        self.kernels = kernels
        tensor = torch.randn(features, kernels * dimensions)
        self.tensor = nn.Parameter(tensor / tensor.norm(dim=0))

    def forward(self, features: Tensor) -> Tensor:  # noqa: D102
        with torch.autocast(features.device.type, enabled=False):
            here = (features.float() @ self.tensor).reshape(len(features), self.kernels, -1)
            distances = (here[:, None] - gather(here)).abs().sum(-1)
            closeness = (-distances).exp().sum(1) - 1
        return torch.cat([features, closeness.to(features.dtype)], 1)


class MinibatchStd(nn.Module):
    """Features (N, F) → (N, F + 1): how much the samples of a group differ.

    The standard deviation of each feature over the group, averaged over features (Karras et al. 2018, section 3).
    Groups are neighbours in the batch. Before a linear head it adds the same to each score of a group.

    Args:
        group: samples in a group; where it does not divide the batch, the batch is one group.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, features: Tensor) -> Tensor:  # noqa: D102
        everybody = gather(features).float()
        group = len(everybody) if len(everybody) % self.group else self.group
        variance = everybody.reshape(-1, group, everybody.shape[1]).var(1, correction=0)
        deviation = (variance + 1e-8).sqrt().mean(1)
        return torch.cat([features, own(deviation.repeat_interleave(group))[:, None].to(features.dtype)], 1)
