"""The U-Net of pix2pix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from ganbench.networks.network import ImageShape
from ganbench.networks.translation.translator import (
    TRANSLATORS,
    LastingDropout,
    MapNorm,
    Translator,
    initialise,
    normalise,
)

WIDEST = 8  # times `width`: the published network stops doubling there
LEAK = 0.2


@TRANSLATORS.register("unet")
@dataclass(frozen=True)
class UNet(Translator):
    """Down to 1 × 1 and up again, every level of the way up joined by its like (Isola et al. 2017, section 6.1.1).

    At 256 pixels and width 64 it is C64-C128-C256-C512-C512-C512-C512-C512 down and CD512-CD1024-CD1024-C1024-C1024-
    C512-C256-C128 up, the widths after joining. Noise is dropout, which stays on when the trained network is used.
    The paper trains with batches of one, where its batch norm is `norm: instance`. At 1 × 1 there is no norm: it would
    leave nothing.
    """

    width: Annotated[int, Gt(0)] = 64
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.5
    noisy: Annotated[int, Ge(0)] = 3
    """Levels with dropout on the way up, from the deepest on."""

    norm: MapNorm = "instance"

    def generator(self, source: ImageShape, target: ImageShape) -> nn.Module:  # noqa: D102
        network = UNetGenerator(self, source, target)
        network.apply(initialise)
        return network

    def objection(self, resolution: int) -> str | None:  # noqa: D102
        if resolution < 4 or resolution & (resolution - 1):
            return f"it halves its images down to one pixel: 4, 8, 16, 32, … pixels, not {resolution}"
        return None

    def widths(self, resolution: int) -> list[int]:
        """Channels on the way down, from half the resolution to 1 × 1."""
        return [self.width * min(2**level, WIDEST) for level in range(resolution.bit_length() - 1)]


class UNetGenerator(nn.Module):
    """Images (N, C, H, W) → images (N, C′, H, W) in [-1, 1]."""

    def __init__(self, net: UNet, source: ImageShape, target: ImageShape) -> None:
        super().__init__()
        widths = net.widths(source.resolution)
        last = len(widths) - 1
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        for level, width in enumerate(widths):
            before = widths[level - 1] if level else source.channels
            norm = net.norm if 0 < level < last else "none"
            halve = nn.Conv2d(before, width, 4, 2, 1, bias=norm == "none")
            rectify = [nn.LeakyReLU(LEAK)] if level else []
            self.down.append(nn.Sequential(*rectify, halve, *normalise(norm, width)))
        for level in range(last, 0, -1):
            given = widths[level] * (1 if level == last else 2)
            double = nn.ConvTranspose2d(given, widths[level - 1], 4, 2, 1, bias=False)
            noise = [LastingDropout(net.dropout)] if last - level < net.noisy and net.dropout else []
            self.up.append(nn.Sequential(nn.ReLU(), double, *normalise(net.norm, widths[level - 1]), *noise))
        end = nn.ConvTranspose2d(2 * widths[0], target.channels, 4, 2, 1)
        self.up.append(nn.Sequential(nn.ReLU(), end, nn.Tanh()))

    def forward(self, images: Tensor) -> Tensor:  # noqa: D102
        passed: list[Tensor] = []
        maps = images
        for halve in self.down:
            maps = halve(maps)
            passed.append(maps)
        deepest, *others = self.up
        maps = deepest(passed.pop())
        for double in others:
            maps = double(torch.cat([maps, passed.pop()], dim=1))
        return maps  # type: ignore[no-any-return]
