"""Minibatch standard deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from torch import nn

from ganbench.games.trick import TRICKS, Trick
from ganbench.networks.minibatch import MinibatchStd as Layer


@TRICKS.register("minibatch_std")
@dataclass(frozen=True)
class MinibatchStd(Trick):
    """The discriminator sees how much the samples of a group differ (Karras et al. 2018, section 3).

    Unlike the other tricks that mix a batch it may stand beside a penalty on the gradient of single samples: it was
    published so (with the gradient penalty, later with r1), one number a group being little to mix.

    It departs from the paper in its place: there a convolution, a rectifier and a linear layer follow it, here, without
    a condition, the linear head alone. So a group's number times one weight is added to every score of the group: that
    rewards or punishes a group for its spread, but the spread can't count more for some of its samples than for others.
    """

    group: Annotated[int, Gt(1)] = 4

    mixes: ClassVar[bool] = True

    def batch_objection(self, size: int) -> str | None:  # noqa: D102
        if size == 1:
            return "it compares the samples of a batch, but a batch is a single one"
        if size > self.group and size % self.group:
            return f"group: {self.group} does not divide the {size} samples that the discriminator sees at once"
        return None

    def mix(self, features: int) -> tuple[nn.Module, int]:  # noqa: D102
        return Layer(self.group), features + 1
