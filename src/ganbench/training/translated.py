"""What a generator of images makes of images, and sheets that show it beside the input and the target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from ganbench.data.batches import to_float, to_uint8
from ganbench.pictures import grid, scale_for

CHUNK = 64
"""Images that are translated at once."""

Images = NDArray[np.uint8]


def translated(generator: nn.Module, images: Images, device: torch.device, seed: int = 0) -> Images:
    """What a generator makes of images, uint8 (N, H, W, C′), in evaluation mode and in bounded memory.

    The noise of a dropout that stays on is a pure function of the seed; torch's random state is left as it was.

    Args:
        generator: on the device.
        images: uint8 (N, H, W, C).
        device: of the generator.
        seed: of the noise.
    """
    inputs, training = to_float(torch.from_numpy(np.array(images))), generator.training
    generator.eval()
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.inference_mode():
        torch.manual_seed(seed)
        parts = [to_uint8(generator(part.to(device))) for part in torch.split(inputs, CHUNK)]
    generator.train(training)
    return np.concatenate(parts)


def sheet(columns: Sequence[Images], target: int = 64) -> Image.Image:
    """A picture with a row a sample: what each column, uint8 (N, H, W, C), says of it, from left to right.

    Args:
        columns: of as many samples each; where one is in colour, all are shown in colour.
        target: pixels that small images are brought to.
    """
    channels = max(column.shape[-1] for column in columns)
    alike = [np.broadcast_to(column, (*column.shape[:-1], channels)) for column in columns]
    images = np.stack(alike, axis=1)
    return grid(images.reshape(-1, *images.shape[2:]), len(columns), scale=scale_for(images.shape[2], target))
