"""What can be measured in any image without a judge: ink, and the areas that it encloses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 1 / 3
"""Share of the full range by which a pixel must differ from the background to count as ink."""


@dataclass(frozen=True)
class Ink:
    """Ink is what differs from the background, of which the edge of most images is made.

    Attributes:
        background: (C,), 0 … 255.
    """

    background: NDArray[np.float64]

    @classmethod
    def of(cls, images: NDArray[np.uint8]) -> Ink:
        """Take the median of the pixels at the edge of images, uint8 (N, H, W, C)."""
        edges = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
        return cls(np.median(np.concatenate(edges, axis=1), axis=(0, 1)))

    def density(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """How much each pixel of images (N, H, W, C) differs from the background, 0 … 1, (N, H, W)."""
        distance: NDArray[np.float64] = np.abs(images - self.background).mean(-1) / 255
        return distance

    def amount(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The mean density of each image, (N,): the weight of its strokes."""
        mean: NDArray[np.float64] = self.density(images).mean((1, 2))
        return mean


@dataclass(frozen=True)
class Box:
    """A rectangle of an image, in pixels; bottom and right are the first row and column outside."""

    image: int
    top: int
    bottom: int
    left: int
    right: int

    def inside(self, side: int, resolution: int) -> NDArray[np.bool_]:
        """Which cells of a map of side × side, laid over the image, have their centre in the box."""
        centres = (np.arange(side) + 0.5) * resolution / side
        rows = (centres >= self.top) & (centres < self.bottom)
        columns = (centres >= self.left) & (centres < self.right)
        return rows[:, None] & columns

    def meets(self, other: Box) -> bool:
        """Whether two boxes of the same image overlap."""
        return (
            self.image == other.image
            and min(self.bottom, other.bottom) > max(self.top, other.top)
            and min(self.right, other.right) > max(self.left, other.left)
        )


def enclosed(density: NDArray[np.float64]) -> list[Box]:
    """The boxes of all areas without ink that ink encloses, such as the loops of an 8, image by image.

    An area is connected along rows and columns and does not reach the edge; at 16 pixels it has two pixels or more, and
    as many for its size in larger images.

    Args:
        density: (N, H, W), as `Ink.density`.
    """
    from scipy import ndimage

    resolution = density.shape[1]
    least = 2 * (resolution / 16) ** 2
    found = []
    for image, inked in enumerate(density > LEVEL):
        areas, _ = ndimage.label(~inked)
        for number, (rows, columns) in enumerate(ndimage.find_objects(areas), start=1):
            box = Box(image, rows.start, rows.stop, columns.start, columns.stop)
            free = min(box.top, box.left) > 0 and max(box.bottom, box.right) < resolution
            if free and (areas[rows, columns] == number).sum() >= least:
                found.append(box)
    return found
