"""The training images nearest to others, in pixels and in features: the numbers behind the pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.screening import quickly_nearest
from ganbench.pictures import BACKGROUND, grid, scale_for

NEIGHBOURS = 4
SIDE = 32
"""Larger images are compared in pixels by the means of their squares of pixels, on a grid of this side."""
ROWS = 8


def nearest_in_pixels(images: NDArray[np.uint8], train: NDArray[np.uint8]) -> Nearest:
    """The nearest training images by root mean square difference in grey levels, 0 to 255.

    Args:
        images: uint8 (n, H, W, C).
        train: uint8 (N, H, W, C), possibly a memory map.
    """
    found = quickly_nearest(images, train, min(NEIGHBOURS, len(train)), pixel_points)
    side, channels = images.shape[1], images.shape[3]
    square = max(1, side // SIDE)
    unit = square**2 * math.sqrt((side // square) ** 2 * channels)
    return Nearest(found.distances / unit, found.rows)


def nearest_in_features(features: NDArray[np.float32], train: NDArray[np.float32]) -> Nearest:
    """The nearest training images by Euclidean distance of features (n, d) and (N, d), and how near their like is."""
    return with_reach(quickly_nearest(features, train, min(NEIGHBOURS, len(train))), train)


def with_reach(found: Nearest, train: NDArray[np.floating]) -> Nearest:
    """The same, with the `reach` of each nearest training image among the features (N, d) of all; 0 where it is alone.

    The nearest of all is the image itself, or one that is equal to it.
    """
    rows, which = np.unique(found.rows[:, 0], return_inverse=True)
    if len(train) == 1:
        return replace(found, reach=np.zeros(len(found.rows)))
    return replace(found, reach=quickly_nearest(train[rows], train, 2).distances[which, 1])


def pixel_points(images: NDArray[Any]) -> NDArray[np.float32]:
    """Images uint8 (N, H, W, C) → float32 (N, d): sums over squares of pixels. Whole numbers, so nothing is rounded."""
    count, side, _, channels = images.shape
    square = max(1, side // SIDE)
    small = side // square
    if square == 1:
        return images.reshape(count, -1).astype(np.float32)
    tiles = images.reshape(count, small, square, small, square, channels)
    return np.asarray(tiles.sum(axis=(2, 4), dtype=np.float32).reshape(count, -1))


@dataclass(frozen=True)
class Exhibit:
    """Images (n, H, W, C) and their nearest training images."""

    images: NDArray[np.uint8]
    nearest: Nearest


def picture(generated: Exhibit, held_out: Exhibit, train: NDArray[np.uint8]) -> Image.Image:
    """Eight rows: a generated image | its nearest training images || a held-out image | its nearest training images.

    On either side the rows go from the image that is nearest to a training image to the one that is farthest from all,
    in equal steps of rank: what is copied stands on top.
    """
    left, right = _rows(generated, train), _rows(held_out, train)
    rows = min(len(left), len(right))
    gap = np.full_like(left[:rows, :1], BACKGROUND)
    sheet = np.concatenate([left[:rows], gap, right[:rows]], axis=1)
    return grid(sheet.reshape(-1, *sheet.shape[2:]), columns=sheet.shape[1], scale=scale_for(sheet.shape[2], 48))


def _rows(exhibit: Exhibit, train: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(rows, 2 + neighbours, H, W, C): the image, a gap, its neighbours."""
    by_distance = np.argsort(exhibit.nearest.distances[:, 0], kind="stable")
    ranks = np.linspace(0, len(by_distance) - 1, min(ROWS, len(by_distance))).round().astype(np.int64)
    rows = by_distance[ranks]
    images = exhibit.images[rows][:, None]
    return np.concatenate([images, np.full_like(images, BACKGROUND), train[exhibit.nearest.rows[rows]]], axis=1)
