"""How alike two images are: L1, PSNR and SSIM, image by image, on the scale [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Images = NDArray[np.uint8]
Values = NDArray[np.float64]

CHUNK = 64
WINDOW, SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03


def absolute_error(x: Images, y: Images) -> Values:
    """Mean absolute difference of each pair of images uint8 (n, H, W, C): (n,) in [0, 1]."""
    parts = [_difference(a, b).mean(axis=(1, 2, 3)) for a, b in _chunks(x, y)]
    return np.concatenate(parts) / 255


def psnr(x: Images, y: Images) -> Values:
    """Peak signal-to-noise ratio of each pair of images uint8 (n, H, W, C), in dB: −10 log₁₀ of the mean square error.

    Equal images have no error and an infinite ratio. They count as if a single value were one grey level off, which is
    the best that unequal images can have: 48.13 + 10 log₁₀ HWC dB.
    """
    parts = [np.square(_difference(a, b).astype(np.float64)).mean(axis=(1, 2, 3)) for a, b in _chunks(x, y)]
    least = 1 / math.prod(x.shape[1:])
    return np.asarray(10 * np.log10(255**2 / np.maximum(np.concatenate(parts), least)), np.float64)


def highest_psnr(shape: Sequence[int]) -> float:
    """That of equal images of a shape (H, W, C), in dB, see `psnr`."""
    return 20 * math.log10(255) + 10 * math.log10(math.prod(shape))


def ssim(x: Images, y: Images) -> Values:
    """Structural similarity of each pair of images uint8 (n, H, W, C), H, W ≥ 11: (n,) in [-1, 1].

    (2 μₓμᵧ + c₁)(2 σₓᵧ + c₂) / ((μₓ² + μᵧ² + c₁)(σₓ² + σᵧ² + c₂)), with moments in a Gaussian window of 11 × 11 pixels
    and σ 1.5, c₁ = 0.01² and c₂ = 0.03² for a range of 1; the mean over channels and over the places where the window
    is inside the image (Wang et al. 2004, "Image Quality Assessment", eq. 13 and 16).
    """
    return np.concatenate([_ssim(_planes(a), _planes(b)) for a, b in _chunks(x, y)])


def error_map(x: Images, y: Images) -> Values:
    """Mean absolute difference over the channels: (n, H, W) in [0, 1]."""
    return np.asarray(_difference(x, y).mean(axis=3)) / 255


def _difference(x: Images, y: Images) -> NDArray[np.int16]:
    """Whole grey levels: equal distances are equal to the bit."""
    return np.asarray(np.abs(x.astype(np.int16) - y), np.int16)


def _ssim(x: Tensor, y: Tensor) -> Values:
    c1, c2 = K1**2, K2**2
    mean_x, mean_y = _blurred(x), _blurred(y)
    product = mean_x * mean_y
    square_x, square_y = mean_x.square(), mean_y.square()
    covariance = _blurred(x * y) - product
    variance_x, variance_y = _blurred(x.square()) - square_x, _blurred(y.square()) - square_y
    found = (2 * product + c1) * (2 * covariance + c2)
    found = found / ((square_x + square_y + c1) * (variance_x + variance_y + c2))
    values: Values = found.mean(dim=(1, 2, 3)).numpy()
    return values


def _blurred(planes: Tensor) -> Tensor:
    """(n, C, H, W) → (n, C, H − 10, W − 10): the means in the window. Products of matrices are quicker than sliding."""
    height, width = planes.shape[2:]
    return _means(height, planes) @ planes @ _means(width, planes).T


def _means(size: int, like: Tensor) -> Tensor:
    """The matrix (size − 10, size) that takes a line to its means in the window."""
    reach = torch.arange(WINDOW, dtype=like.dtype) - WINDOW // 2
    weights = torch.exp(-reach.square() / (2 * SIGMA**2))
    return torch.eye(size, dtype=like.dtype).unfold(0, WINDOW, 1) @ (weights / weights.sum())


def _planes(images: Images) -> Tensor:
    return torch.from_numpy(np.asarray(images, np.float64) / 255).permute(0, 3, 1, 2)


def _chunks(x: Images, y: Images) -> list[tuple[Images, Images]]:
    return [(x[start : start + CHUNK], y[start : start + CHUNK]) for start in range(0, len(x), CHUNK)]
