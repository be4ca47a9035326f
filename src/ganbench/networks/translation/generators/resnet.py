"""The residual generator of CycleGAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt
from torch import Tensor, nn

from ganbench.networks.network import ImageShape
from ganbench.networks.translation.translator import TRANSLATORS, MapNorm, Translator, initialise, normalise

HALVINGS = 2


@TRANSLATORS.register("resnet")
@dataclass(frozen=True)
class ResNet(Translator):
    """c7s1-64, d128, d256, blocks of R256, u128, u64, c7s1-3 (Zhu et al. 2017, section 7.2, after Johnson et al. 2016).

    Reflection padding in the blocks and at both ends, instance norm. Published: width 64, 6 blocks at 128 pixels,
    9 at 256.
    """

    width: Annotated[int, Gt(0)] = 64
    blocks: Annotated[int, Ge(0)] = 6
    norm: MapNorm = "instance"

    def generator(self, source: ImageShape, target: ImageShape) -> nn.Module:  # noqa: D102
        layers: list[nn.Module] = [
            nn.ReflectionPad2d(3),
            nn.Conv2d(source.channels, self.width, 7, bias=False),
            *self._active(self.width),
        ]
        width = self.width
        for _ in range(HALVINGS):
            layers += [nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False), *self._active(2 * width)]
            width *= 2
        layers += [Block(width, self.norm) for _ in range(self.blocks)]
        for _ in range(HALVINGS):
            layers += [nn.ConvTranspose2d(width, width // 2, 3, 2, 1, 1, bias=False), *self._active(width // 2)]
            width //= 2
        network = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, target.channels, 7), nn.Tanh())
        network.apply(initialise)
        return network

    def objection(self, resolution: int) -> str | None:  # noqa: D102
        if resolution < 8 or resolution % 2**HALVINGS:
            return f"it halves its images twice: at least 8 pixels, a multiple of 4, not {resolution}"
        return None

    def _active(self, width: int) -> list[nn.Module]:
        return [*normalise(self.norm, width), nn.ReLU()]


class Block(nn.Module):
    """x + two convolutions of 3 × 3 (N, width, H, W), with no rectifier after the sum."""

    def __init__(self, width: int, norm: MapNorm) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3, bias=False),
            *normalise(norm, width),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3, bias=False),
            *normalise(norm, width),
        )

    def forward(self, maps: Tensor) -> Tensor:  # noqa: D102
        return maps + self.layers(maps)  # type: ignore[no-any-return]
