"""The discriminators of pix2pix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt
from torch import nn

from ganbench.networks.network import ImageShape, image_objection, levels
from ganbench.networks.translation.patches import PATCHES, PatchDiscriminator, Patches
from ganbench.networks.translation.translator import initialise, normalise

LEAK = 0.2
WIDEST = 8
HALVINGS = {16: 1, 34: 2, 70: 3, 142: 4, 286: 5}
"""Convolutions of stride 2, by the receptive field; one of stride 1 and that of the scores follow."""

Receptive = Literal[1, 16, 34, 70, 142, 286, "whole"]


@PATCHES.register("patch")
@dataclass(frozen=True)
class Patch(Patches):
    """Convolutions that judge every patch of `receptive` pixels on a side (Isola et al. 2017, section 6.1.2).

    70 is C64-C128-C256-C512, 16 is C64-C128, 1 the same with kernels of one pixel, 286 C64-C128-C256-C512-C512-C512;
    a convolution to the scores follows each. `whole` halves the image down to 4 × 4 and gives it one score, as
    DiscoGAN's does. Where the patch is larger than the image, the image is padded; padding is 1 a side and a layer.
    No norm next to the image. The published norm is that of batches of one, `instance`. It may stand beside
    `spectral_norm`, as in SPADE's discriminators (Park et al. 2019, appendix A), but then nothing bounds the slope.
    """

    receptive: Receptive = 70
    width: Annotated[int, Gt(0)] = 64
    norm: Literal["instance", "batch", "none"] = "instance"

    def discriminator(self, shape: ImageShape) -> PatchDiscriminator:  # noqa: D102
        stages: list[nn.Module] = []
        before = shape.channels
        *hidden, last = self.convolutions(shape.resolution)
        for level, (kernel, stride, padding) in enumerate(hidden):
            width = self.width * min(2**level, WIDEST)
            norm = normalise(self.norm if level else "none", width)
            convolution = nn.Conv2d(before, width, kernel, stride, padding, bias=not norm)
            stages.append(nn.Sequential(convolution, *norm, nn.LeakyReLU(LEAK)))
            before = width
        discriminator = PatchDiscriminator([*stages, nn.Conv2d(before, 1, *last)])
        discriminator.apply(initialise)
        return discriminator

    def convolutions(self, resolution: int) -> list[tuple[int, int, int]]:
        """(kernel, stride, padding) of each, from the image to the scores."""
        if self.receptive == 1:
            return [(1, 1, 0)] * 3
        if self.receptive == "whole":
            return [(4, 2, 1)] * levels(ImageShape(1, resolution)) + [(4, 1, 0)]
        return [(4, 2, 1)] * HALVINGS[self.receptive] + [(4, 1, 1)] * 2

    def sides(self, resolution: int) -> list[int]:
        """Pixels on a side of the maps after each convolution."""
        sides = []
        for kernel, stride, padding in self.convolutions(resolution):
            resolution = (resolution + 2 * padding - kernel) // stride + 1
            sides.append(resolution)
        return sides

    def objection(self, resolution: int, per_sample: bool) -> str | None:  # noqa: D102
        if self.norm == "batch" and per_sample:
            return (
                "norm: 'batch' mixes the samples of a batch, but the constraint penalises the gradient of single "
                "samples; allowed: instance, none"
            )
        if self.receptive == "whole":
            return image_objection(ImageShape(1, resolution))
        if not self.fits(resolution):
            fields: tuple[Receptive, ...] = (1, 16, 34, 70, 142, 286)
            fits = [str(field) for field in fields if Patch(field, norm=self.norm).fits(resolution)]
            return (
                f"receptive: {self.receptive}: images of {resolution} pixels are too small for its layers; "
                f"allowed: {', '.join(fits)}, whole"
            )
        return None

    def per_layer_objection(self, constraint: str) -> str | None:  # noqa: D102
        if self.norm != "batch":
            return None
        return f"norm: 'batch' undoes {constraint}: it rescales what each layer gives; allowed: instance, none"

    def fits(self, resolution: int) -> bool:
        """Whether the layers leave a score, and more than one place to normalise over."""
        *maps, scores = self.sides(resolution)
        return scores >= 1 and (self.norm == "none" or min(maps[1:]) >= 2)
