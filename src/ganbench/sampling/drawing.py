"""What generators draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.data.batches import to_uint8
from ganbench.games.given import Given
from ganbench.networks.network import Generator

CHUNK = 256


def draw(generator: Generator, count: int, seed: int, device: torch.device) -> NDArray[np.uint8]:
    """Draw images, uint8 (count, H, W, C); the noise is a pure function of the seed, on any device."""
    return render(generator, latents(generator, count, seed), device)


def draw_asked(
    generator: Generator, given: Given, asked: Sequence[str] | NDArray[np.int64], seed: int, device: torch.device
) -> NDArray[np.uint8]:
    """Draw one image for each thing that is asked for, uint8 (N, H, W, C).

    Args:
        generator: a conditional one.
        given: what it was told of its data.
        asked: captions, or labels, int64 (N,).
        seed: of the noise, as for `draw`.
        device: where the generator is.
    """
    codes = codes_of(generator, given, asked, device)
    return render(generator, latents(generator, len(asked), seed), device, codes)


@torch.inference_mode()
def codes_of(
    generator: Generator, given: Given, asked: Sequence[str] | NDArray[np.int64], device: torch.device
) -> Tensor:
    """The generator's codes (N, width) of captions, or of labels, int64 (N,)."""
    values = torch.from_numpy(asked) if isinstance(asked, np.ndarray) else given.encode(asked)
    codes = generator.code(values.to(device))
    assert codes is not None
    return codes


def latents(generator: Generator, count: int, seed: int) -> Tensor:
    """Standard normal latents (count, latent_dim), a pure function of the seed."""
    return torch.randn(count, generator.latent_dim, generator=torch.Generator().manual_seed(seed))


def draw_points(generator: Generator, count: int, seed: int, device: torch.device) -> NDArray[np.float64]:
    """Draw points, float64 (count, dim); the noise is a pure function of the seed, on any device."""
    with torch.inference_mode():
        return generator(latents(generator, count, seed).to(device)).cpu().double().numpy()  # type: ignore[no-any-return]


@torch.inference_mode()
def render(generator: Generator, noise: Tensor, device: torch.device, codes: Tensor | None = None) -> NDArray[np.uint8]:
    """Latents (N, latent_dim), and codes where it takes them, → images, uint8 (N, H, W, C), in bounded memory."""
    parts = [slice(at, at + CHUNK) for at in range(0, len(noise), CHUNK)]
    return np.concatenate(
        [to_uint8(generator.draw(noise[part].to(device), None if codes is None else codes[part])) for part in parts]
    )


def interpolate(
    generator: Generator, rows: int, steps: int, seed: int, device: torch.device, codes: Tensor | None = None
) -> NDArray[np.uint8]:
    """Walks between pairs of latents, uint8 (rows · steps, H, W, C), row by row.

    Along great circles (White 2016): points on a straight line between Gaussian latents are too short to be typical.
    A conditional generator takes a code (rows, width) for each walk.
    """
    ends = torch.randn(2, rows, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    start, end = ends[0, :, None], ends[1, :, None]
    angle = torch.arccos(torch.cosine_similarity(start, end, dim=-1).clamp(-1, 1))[..., None]
    share = torch.linspace(0, 1, steps)[None, :, None]
    walk = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
    wanted = None if codes is None else codes.repeat_interleave(steps, 0)
    return render(generator, walk.flatten(0, 1), device, wanted)
