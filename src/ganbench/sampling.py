"""Trained players, brought back from a cell's outputs, and what they draw."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ganbench.cell import Cell, declaration
from ganbench.data.batches import to_uint8
from ganbench.games.recipe import Recipe
from ganbench.games.tracks import batch_size, recipe_of, shape_of
from ganbench.networks.network import Discriminator, Generator, pack
from ganbench.outputs import fresh_directory
from ganbench.params import Params
from ganbench.pictures import grid, scale_for
from ganbench.training.weights import load_weights

CHUNK = 256
GRID_COLUMNS = 16
GRID_ROWS = 8
FRAME_MS = 400


def load_generator(cell: Cell, params: Params, device: torch.device, ema: bool = True) -> Generator:
    """A cell's generator in evaluation mode: its moving average where one is kept and `ema` is true.

    Raises:
        BenchError: the cell isn't declared or not trained, or its weights are of another network.
    """
    generator = _recipe(cell, params).generator(shape_of(cell.track, params))
    averaged = cell.train_dir / "generator_ema.safetensors"
    path = averaged if ema and averaged.exists() else cell.train_dir / "generator.safetensors"
    return load_weights(generator, path).to(device).eval()


class Scorer(nn.Module):
    """A trained discriminator that judges any number of samples as it judged them in training.

    That is in packs, where it was trained with packs, and in batches of the same size, where a sample's score depends
    on the batch that it stands in. Dropout is off. Batch norm goes on normalising by the batch, in which real and
    generated samples did not meet: its running averages mix the two, and no score was ever computed with them.

    Args:
        discriminator: of packs.
        packed: samples in a pack.
        batch: packs in a batch of the training.
        mixes: whether a trick makes scores depend on the batch.

    Attributes:
        packed: samples in a pack.
    """

    def __init__(self, discriminator: Discriminator, packed: int, batch: int, mixes: bool) -> None:
        super().__init__()
        self.discriminator = discriminator.eval()
        self.packed = packed
        norms = [part for part in discriminator.modules() if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d)]
        for norm in norms:
            norm.train()
        self._batch = batch if mixes or norms else None

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (N, …) → scores of packs (N // m,): what is left over after the last whole pack has none.

        What is left over after the last whole batch is judged in the company of its predecessors.
        """
        packs = pack(samples[: len(samples) - len(samples) % self.packed], self.packed)
        size = self._batch or len(packs)
        if len(packs) <= size:
            return self._score(packs)
        rest = len(packs) % size
        scores = [self._score(part) for part in torch.split(packs[: len(packs) - rest], size)]
        if rest:
            scores.append(self._score(packs[-size:])[-rest:])
        return torch.cat(scores)

    def _score(self, packs: Tensor) -> Tensor:
        scores: Tensor = self.discriminator(packs)
        return scores


def load_discriminator(cell: Cell, params: Params, device: torch.device) -> tuple[Scorer, float | None]:
    """A cell's discriminator, and the score above which it means «real» (None for a critic).

    Raises:
        BenchError: as `load_generator`.
    """
    recipe = _recipe(cell, params)
    discriminator = recipe.discriminator(shape_of(cell.track, params))
    load_weights(discriminator, cell.train_dir / "discriminator.safetensors")
    batch = batch_size(cell.track, params) // recipe.pack
    return Scorer(discriminator, recipe.pack, batch, recipe.mixes).to(device), recipe.objective.threshold


def draw(generator: Generator, count: int, seed: int, device: torch.device) -> NDArray[np.uint8]:
    """Draw images, uint8 (count, H, W, C); the noise is a pure function of the seed, on any device."""
    noise = torch.randn(count, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    return render(generator, noise, device)


def draw_points(generator: Generator, count: int, seed: int, device: torch.device) -> NDArray[np.float64]:
    """Draw points, float64 (count, dim); the noise is a pure function of the seed, on any device."""
    noise = torch.randn(count, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        return generator(noise.to(device)).cpu().double().numpy()  # type: ignore[no-any-return]


@torch.inference_mode()
def render(generator: Generator, latents: Tensor, device: torch.device) -> NDArray[np.uint8]:
    """Latents (N, latent_dim) → images, uint8 (N, H, W, C), in bounded memory on the device."""
    return np.concatenate([to_uint8(generator(part.to(device))) for part in torch.split(latents, CHUNK)])


def interpolate(generator: Generator, rows: int, steps: int, seed: int, device: torch.device) -> NDArray[np.uint8]:
    """Walks between pairs of latents, uint8 (rows · steps, H, W, C), row by row.

    Along great circles (White 2016): points on a straight line between Gaussian latents are too short to be typical.
    """
    ends = torch.randn(2, rows, generator.latent_dim, generator=torch.Generator().manual_seed(seed))
    start, end = ends[0, :, None], ends[1, :, None]
    angle = torch.arccos(torch.cosine_similarity(start, end, dim=-1).clamp(-1, 1))[..., None]
    share = torch.linspace(0, 1, steps)[None, :, None]
    walk = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
    return render(generator, walk.flatten(0, 1), device)


def _recipe(cell: Cell, params: Params) -> Recipe:
    declaration(cell, params)  # refuses a cell that isn't declared
    return recipe_of(cell.track, cell.variant, params)


def sample_cell(cell: Cell, params: Params, device: torch.device) -> None:
    """Write a cell's samples, grid, walks and the film of its training; of a diverged cell, its status alone."""
    settings = params.images.sample
    with fresh_directory(cell.samples_dir) as folder:
        if json.loads((cell.train_dir / "status.json").read_text(encoding="utf-8"))["status"] == "diverged":
            shutil.copyfile(cell.train_dir / "status.json", folder / "status.json")
            return
        generator = load_generator(cell, params, device)
        images = draw(generator, settings.count, settings.seed, device)
        np.savez_compressed(folder / "samples.npz", images=images)
        scale = scale_for(images.shape[1], 48)
        grid(images[: GRID_COLUMNS * GRID_ROWS], GRID_COLUMNS, scale=scale).save(folder / "grid.png")
        walks = interpolate(generator, settings.interpolations, settings.interpolation_steps, settings.seed + 1, device)
        grid(walks, settings.interpolation_steps, scale=scale).save(folder / "interpolation.png")
        _film(sorted((cell.train_dir / "pictures").glob("*.png")), folder / "progress.gif")


def _film(pictures: list[Path], path: Path) -> None:
    """The fixed-noise pictures one after the other; the last stays longer."""
    frames = [Image.open(picture).quantize(256) for picture in pictures]
    durations = [FRAME_MS] * (len(frames) - 1) + [5 * FRAME_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0)
