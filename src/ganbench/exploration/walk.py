"""Walks in latent space (Radford et al. 2016, section 6.1 and figure 4): does the generator change in small steps?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.exploration.sheet import Sheet
from ganbench.exploration.subject import Images, Subject

POINTS, STEPS = 9, 10
STREAM = 1


def run(subject: Subject, folder: Path) -> dict[str, float]:
    """Walk once around nine random points; write ``walk.png``.

    Returns:
        ``walk_largest_step``: of the way between two points in pixel space, the share that its largest step takes,
        averaged over the nine ways; 1/9 where the picture changes evenly, 1 where it jumps.
    """
    path = closed_walk(subject.latents(POINTS, STREAM), STEPS)
    images = subject.draw(path.flatten(0, 1)).reshape(POINTS, STEPS, *[subject.resolution] * 2, -1)
    sheet = Sheet(f"{subject.cell}: a walk around nine random latents, {STEPS - 2} steps between each two")
    for row, between in enumerate(images):
        sheet.row(f"{row + 1} → {(row + 1) % POINTS + 1}", list(between))
        sheet.outline(row, 0)
        sheet.outline(row, STEPS - 1)
    sheet.save(folder / "walk.png")
    return {"walk_largest_step": float(np.mean(largest_steps(images)))}


def closed_walk(points: Tensor, steps: int) -> Tensor:
    """From each point to the next and from the last to the first, (P, steps, dim), both ends included.

    Along great circles (White 2016): points on a straight line between Gaussian latents are too short to be typical.

    Args:
        points: (P, dim).
        steps: latents between two points, with both of them.
    """
    start, end = points[:, None], points.roll(-1, 0)[:, None]
    angle = torch.arccos(torch.cosine_similarity(start, end, dim=-1).clamp(-1, 1))[..., None]
    share = torch.linspace(0, 1, steps)[None, :, None]
    walk = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
    walk[:, 0], walk[:, -1] = start[:, 0], end[:, 0]  # to the bit
    return walk


def largest_steps(images: Images) -> NDArray[np.float64]:
    """Of rows of images (P, steps, H, W, C), the share of the whole way that the largest step takes, (P,)."""
    rows = images.reshape(*images.shape[:2], -1).astype(np.float64)
    steps = np.linalg.norm(np.diff(rows, axis=1), axis=2)
    whole = steps.sum(1)
    share: NDArray[np.float64] = steps.max(1) / np.where(whole > 0, whole, 1)
    return share
