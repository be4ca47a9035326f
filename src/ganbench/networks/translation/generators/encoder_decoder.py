"""The encoder-decoder of DiscoGAN."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt
from torch import nn

from ganbench.networks.network import ImageShape, image_objection, levels
from ganbench.networks.translation.translator import TRANSLATORS, MapNorm, Translator, initialise, normalise

WIDEST = 8
LEAK = 0.2


@TRANSLATORS.register("encoder_decoder")
@dataclass(frozen=True)
class EncoderDecoder(Translator):
    """An image through a code of a hundred numbers: no level is joined by its like (Kim et al. 2017, section 3).

    Strided convolutions down to 4 × 4 and to the code, transposed ones up from it. Published at 64 pixels: width 64,
    batch norm, a code of 100.
    """

    width: Annotated[int, Gt(0)] = 64
    code: Annotated[int, Gt(0)] = 100
    norm: MapNorm = "batch"

    def generator(self, source: ImageShape, target: ImageShape) -> nn.Module:  # noqa: D102
        widths = [self.width * min(2**level, WIDEST) for level in range(levels(source))]
        layers: list[nn.Module] = [nn.Conv2d(source.channels, widths[0], 4, 2, 1), nn.LeakyReLU(LEAK)]
        for wide_in, wide_out in itertools.pairwise(widths):
            halve = nn.Conv2d(wide_in, wide_out, 4, 2, 1, bias=False)
            layers += [halve, *normalise(self.norm, wide_out), nn.LeakyReLU(LEAK)]
        code = "none" if self.norm == "instance" else self.norm  # nothing would be left of a single place
        layers += [nn.Conv2d(widths[-1], self.code, 4), *normalise(code, self.code), nn.LeakyReLU(LEAK)]
        layers += self._up(self.code, widths[-1], 1, 0)
        for wide_in, wide_out in itertools.pairwise(reversed(widths)):
            layers += self._up(wide_in, wide_out, 2, 1)
        network = nn.Sequential(*layers, nn.ConvTranspose2d(widths[0], target.channels, 4, 2, 1), nn.Tanh())
        network.apply(initialise)
        return network

    def objection(self, resolution: int) -> str | None:  # noqa: D102
        return image_objection(ImageShape(1, resolution))

    def _up(self, wide_in: int, wide_out: int, stride: int, padding: int) -> list[nn.Module]:
        double = nn.ConvTranspose2d(wide_in, wide_out, 4, stride, padding, bias=False)
        return [double, *normalise(self.norm, wide_out), nn.ReLU()]
