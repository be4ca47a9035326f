"""Layers that see the whole batch when several processes train one cell, each on its slice of it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganbench import across
from ganbench.across import gather, mean, own

__all__ = ["BatchNorm", "Dropout", "gather", "mean", "own", "see_whole_batch"]


class BatchNorm(_BatchNorm):
    """Batch normalisation over the samples of all ranks (Ioffe & Szegedy 2015), for inputs (N, C, …) of any rank.

    torch's own SyncBatchNorm takes no tensors of the CPU and can't be differentiated twice. The variance is computed
    from centred values, not as a difference of squares, so float32 loses nothing.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2 dimensions, got {input.dim()}")

    def forward(self, input: Tensor) -> Tensor:  # noqa: D102
        if not self.training or across.size() == 1:
            return super().forward(input)
        self._check_input_dim(input)
        values = input.float()
        axes = [axis for axis in range(values.dim()) if axis != 1]
        column = [1, -1, *[1] * (values.dim() - 2)]
        centre = across.mean(values.mean(axes))
        centred = values - centre.view(column)
        variance = across.mean(centred.square().mean(axes))
        if self.track_running_stats:
            self._follow(centre.detach(), variance.detach(), values.numel() // values.shape[1] * across.size())
        normal = centred * (variance + self.eps).rsqrt().view(column)
        if self.affine:
            normal = normal * self.weight.view(column) + self.bias.view(column)
        return normal.to(input.dtype)

    @torch.no_grad()
    def _follow(self, centre: Tensor, variance: Tensor, count: int) -> None:
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
        for running, seen in ((self.running_mean, centre), (self.running_var, variance * count / (count - 1))):
            assert running is not None
            running.lerp_(seen, share)


class Dropout(nn.Dropout):
    """Dropout whose mask is this rank's slice of the one that a single process would draw."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: D102
        if not self.training or across.size() == 1:
            return super().forward(input)
        everybody = input.new_ones(len(input) * across.size(), *input.shape[1:])
        return input * across.own(F.dropout(everybody, self.p))


def see_whole_batch(module: nn.Module) -> None:
    """Put the layers above in the place of torch's, all through a module; parameters and buffers stay the same tensors.

    Without a process group it changes nothing.
    """
    if across.size() == 1:
        return
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm) and not isinstance(child, BatchNorm):
            setattr(module, name, _replaced(child))
        elif type(child) is nn.Dropout:
            setattr(module, name, Dropout(child.p))
        else:
            see_whole_batch(child)


def _replaced(norm: _BatchNorm) -> BatchNorm:
    new = BatchNorm(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
    new._parameters, new._buffers = norm._parameters, norm._buffers
    return new.train(norm.training)
