"""A cell's samples and the pictures made of them."""

from __future__ import annotations

import shutil

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import Cell, prepared_dir
from ganbench.data.store import Store
from ganbench.outputs import fresh_directory
from ganbench.params import Params
from ganbench.pictures import film, grid, scale_for
from ganbench.sampling.asking import Asker
from ganbench.sampling.drawing import codes_of, draw, interpolate, latents, render
from ganbench.sampling.players import declared_recipe, given_of, load_generator
from ganbench.training.outcome import diverged
from ganbench.training.snapshots import Moment

GRID_COLUMNS = 16
GRID_ROWS = 8


def first_samples(cell: Cell, params: Params, device: torch.device, moment: Moment, first: int) -> NDArray[np.uint8]:
    """What `sample_cell` would have drawn at a moment of the training: its first images, uint8 (first, H, W, C).

    From the same noise and, of a conditional cell, for the same labels or captions.

    Args:
        cell: which.
        params: as declared.
        device: where to draw.
        moment: any but the last.
        first: images; at most as many as `sample_cell` draws.

    Raises:
        BenchError: the cell isn't declared or not trained, or its weights are of another network.
    """
    settings = params.images.sample
    recipe, generator = declared_recipe(cell, params), load_generator(cell, params, device, moment=moment)
    noise = latents(generator, settings.count, cell.noise_seed(settings.seed))[:first]
    if recipe.condition.tells == "nothing":
        return render(generator, noise, device)
    given = given_of(cell, recipe)
    asker = Asker(generator, recipe.condition, given, device)
    asked = asker.held_out(Store.open(prepared_dir(cell.track)), settings.count, settings.seed)
    return render(generator, noise, device, codes_of(generator, given, asked.values[:first], device))


def sample_cell(cell: Cell, params: Params, device: torch.device) -> None:
    """Write a cell's samples, grid, walks and the film of its training; of a diverged cell, its status alone.

    A conditional cell is asked for the labels or captions of held-out images; ``samples.npz`` holds their rows beside
    the images. ``classes.png`` or ``captions.png`` shows what it makes of each from the same noise.
    """
    settings = params.images.sample
    with fresh_directory(cell.samples_dir) as folder:
        if diverged(cell):
            shutil.copyfile(cell.train_dir / "status.json", folder / "status.json")
            return
        recipe, generator = declared_recipe(cell, params), load_generator(cell, params, device)
        rows, steps, seed = settings.interpolations, settings.interpolation_steps, cell.noise_seed(settings.seed)
        if recipe.condition.tells == "nothing":
            images = draw(generator, settings.count, seed, device)
            walks = interpolate(generator, rows, steps, seed + 1, device)
            np.savez_compressed(folder / "samples.npz", images=images)
        else:
            asker = Asker(generator, recipe.condition, given_of(cell, recipe), device)
            asked = asker.held_out(Store.open(prepared_dir(cell.track)), settings.count, settings.seed)
            images = asker.draw(asked.values, seed)
            walks = asker.walks(rows, steps, seed + 1)
            np.savez_compressed(folder / "samples.npz", images=images, rows=asked.rows)
            asker.exhibition(seed).save(folder / asker.exhibition_name)
        scale = scale_for(images.shape[1], 48)
        grid(images[: GRID_COLUMNS * GRID_ROWS], GRID_COLUMNS, scale=scale).save(folder / "grid.png")
        grid(walks, steps, scale=scale).save(folder / "interpolation.png")
        film(sorted((cell.train_dir / "pictures").glob("*.png")), folder / "progress.gif")
