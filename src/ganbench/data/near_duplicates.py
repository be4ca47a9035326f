"""Near-duplicates by the binary code of a small autoencoder (Radford et al. 2016, section 4.1.1)."""

from __future__ import annotations

import sys

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

SIDE = 32
"""Images are compared at so many pixels a side, in colour 32 · 32 · 3 = 3072 inputs. The published ones are downsampled
centre crops; so are these, for what `prepare` keeps of an image is its central square."""
CODE = 128
STEPS = 2000
BATCH = 128
CHUNK = 2048
NOISE = 0.6
"""Standard deviation of the noise that is to be taken away; images have 1."""
DROPOUT = 0.8


def codes(images: NDArray[np.uint8], rows: NDArray[np.int64], seed: int = 0, steps: int = STEPS) -> NDArray[np.uint8]:
    """A code of 128 bits for each image, packed into (n, 16); near-duplicates have equal codes.

    A 3072-128-3072 autoencoder learns to restore its input from a noisy version, with dropout on its rectified code;
    a bit says whether a unit of the code is above 0. The result depends on images, seed and steps alone. Equal codes
    are a strict test: of photographs nearly nothing that differs is called equal, and some that a person would call
    equal are missed.

    Args:
        images: uint8 (N, H, W, C), possibly a memory map.
        rows: (n,) of the images that are asked about.
        seed: of the weights, the order and the noise.
        steps: of Adam, with batches of 128 images.
    """
    random = torch.Generator().manual_seed(seed)
    size = SIDE * SIDE * images.shape[3]
    encoder, decoder = nn.Linear(size, CODE), nn.Linear(CODE, size)
    for layer in (encoder, decoder):
        nn.init.normal_(layer.weight, std=layer.in_features**-0.5, generator=random)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3, fused=True)
    batch = min(BATCH, len(rows))
    mean = _inputs(images[rows[:CHUNK]]).mean(0)
    for _ in tqdm(range(steps), desc="near-duplicates", unit="step", disable=None, file=sys.stderr):
        clean = _inputs(images[rows[torch.randint(len(rows), (batch,), generator=random).numpy()]]) - mean
        code = F.relu(encoder(clean + NOISE * torch.randn(clean.shape, generator=random)))
        kept = torch.rand(code.shape, generator=random) >= DROPOUT
        loss = F.mse_loss(decoder(code * kept / (1 - DROPOUT)), clean, reduction="sum") / batch
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.inference_mode():
        bits = [
            (encoder(_inputs(images[rows[start : start + CHUNK]]) - mean) > 0).numpy()
            for start in range(0, len(rows), CHUNK)
        ]
    return np.packbits(np.concatenate(bits), axis=1)


def repeats(found: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of the codes, uint8 (N, 16), stood there before: all of a group of equal ones but its first; bool (N,)."""
    _, first = np.unique(found, axis=0, return_index=True)
    again = np.ones(len(found), bool)
    again[first] = False
    return again


def _inputs(images: NDArray[np.uint8]) -> Tensor:
    """Images (N, H, W, C) at 32 × 32 pixels, brightness and contrast levelled: (N, 32 · 32 · C)."""
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
    if pixels.shape[2:] != (SIDE, SIDE):
        pixels = F.interpolate(pixels, (SIDE, SIDE), mode="bilinear", antialias=True)
    flat = pixels.flatten(1)
    flat = flat - flat.mean(1, keepdim=True)
    return flat / flat.std(1, keepdim=True).clamp_min(1e-3)
