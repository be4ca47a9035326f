"""Trained generators of images, brought back from a cell's outputs, and what they make of images."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import nn

from ganbench.cell import Cell, declaration, prepared_dir
from ganbench.data.decode import BROKEN, FORMATS, Recipe, decode, fit
from ganbench.data.files import is_image, natural, one_line
from ganbench.data.translation.domains import Direction, Domains
from ganbench.errors import BenchError
from ganbench.games.translation.recipe import translation_of, translation_recipe
from ganbench.networks.network import ImageShape
from ganbench.outputs import fresh_directory
from ganbench.params import Params
from ganbench.pictures import film
from ganbench.training.outcome import diverged
from ganbench.training.snapshots import Moment
from ganbench.training.translated import Images, sheet, translated
from ganbench.training.translation import DOMAINS, TRACK
from ganbench.training.weights import load_weights

ROWS = 10
"""Of the grid."""
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
"""Of pictures that are written."""


def load_translator(
    cell: Cell,
    params: Params,
    device: torch.device,
    way: Direction = "ab",
    ema: bool = True,
    moment: Moment | None = None,
) -> nn.Module:
    """A cell's generator from A to B, or back, in evaluation mode: its average where one is kept and `ema` is true.

    Args:
        cell: whose.
        params: as declared.
        device: where to have it.
        way: from A to B, or back.
        ema: of a snapshot it is the moving average in any case.
        moment: of the snapshot from A to B, but for the last moment; None: at the end of the training.

    Raises:
        BenchError: the cell isn't declared or not trained, has no way back, or its weights are of another network.
    """
    declaration(cell, params)  # refuses a cell that isn't declared
    recipe = translation_recipe(params, cell.variant)
    if way == "ba" and not recipe.game.both_ways:
        game = translation_of(params).variants[cell.variant].game.name
        raise BenchError(f"{cell}: its game, {game}, has no way back from B to A")
    source, target = shapes(cell) if way == "ab" else shapes(cell)[::-1]
    generator = recipe.network.generator(source, target)
    weights = cell.weights(f"generator_{way}", ema) if moment is None else moment.path(cell)
    return load_weights(generator, weights).to(device).eval()


def shapes(cell: Cell) -> tuple[ImageShape, ImageShape]:
    """The shapes of the domains A and B that a cell was trained on.

    Raises:
        BenchError: it isn't trained.
    """
    path = cell.train_dir / DOMAINS
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return ImageShape(**known["a"]), ImageShape(**known["b"])
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; `dvc repro` or `dvc pull` brings it") from None
    except (ValueError, TypeError, KeyError) as error:
        raise BenchError(f"{path}: not the description of two domains ({error})") from None


def translate_cell(cell: Cell, params: Params, device: torch.device) -> None:
    """Write what a cell makes of the held-out images, a grid and the film of its training.

    ``ab.npz``: `images`, uint8 (n, H, W, C), translations of the first n held-out images of A, in their order; where
    there is a way back also ``ba.npz``, and ``aba.npz`` and ``bab.npz``, there and back. Of a diverged cell, its status
    alone.

    Raises:
        BenchError: as `load_translator`; or there are no domains.
    """
    domains, settings = Domains.open(prepared_dir(TRACK)), translation_of(params).evaluate
    with fresh_directory(cell.samples_dir) as folder:
        if diverged(cell):
            shutil.copyfile(cell.train_dir / "status.json", folder / "status.json")
            return
        ways: list[Direction] = ["ab"]
        if translation_recipe(params, cell.variant).game.both_ways:
            ways.append("ba")
        generators = {way: load_translator(cell, params, device, way) for way in ways}
        columns: list[Images] = []
        for way in ways:
            inputs = (domains.a if way == "ab" else domains.b).images("test")[: settings.samples]
            there = translated(generators[way], inputs, device, settings.seed)
            _write(folder / f"{way}.npz", there)
            columns += [inputs, there]
            if (truth := domains.truth(way)) is not None:
                columns.append(truth[: settings.samples])
            if len(ways) == 2:
                back = translated(generators["ba" if way == "ab" else "ab"], there, device, settings.seed)
                _write(folder / f"{way}{way[0]}.npz", back)
                columns.append(back)
        rows = min(ROWS, *map(len, columns))
        sheet([column[:rows] for column in columns]).save(folder / "grid.png")
        film(sorted(cell.pictures_dir.glob("*.png")), folder / "progress.gif")


def translate_files(
    cell: Cell, params: Params, source: Path, out: Path, device: torch.device, back: bool = False
) -> list[str]:
    """Translate an image, or all images in a folder. Nothing is written before all is translated.

    Args:
        cell: a trained one.
        params: as declared.
        source: an image, or a folder; of its files those that end like images are translated.
        out: for a file the picture to write, by whose ending its format is chosen; for a folder one that exists, where
            every picture gets its input's name, as PNG.
        device: where to compute.
        back: from B to A.

    Returns:
        what was done: a line a file, and one on those that were resized.

    Raises:
        BenchError: as `load_translator`; no such file or folder, an unreadable image, an unknown ending, two inputs of
            one name.
    """
    pairs = _targets(source, out)
    generator = load_translator(cell, params, device, "ba" if back else "ab")
    shape = shapes(cell)[1 if back else 0]
    wanted = Recipe(shape.resolution, shape.channels, translation_of(params).prepare.filter)
    read = [_read(path, wanted) for path, _ in pairs]
    made = translated(generator, np.stack([pixels for pixels, _ in read]), device)
    for (_, target), image in zip(pairs, made, strict=True):
        _save(image, target)
    said = [f"{path} → {target}" for path, target in pairs]
    side = shape.resolution
    others = [(path, size) for (path, _), (_, size) in zip(pairs, read, strict=True) if size != (side, side)]
    if others:
        path, (width, height) = others[0]
        said.append(
            f"{len(others)} of {len(pairs)} images are not of {side} × {side} pixels (such as {path}: {width} × "
            f"{height}): their central square was resized as prepare does ({wanted.filter})"
        )
    return said


def _targets(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """Inputs, and where their translations go."""
    if source.is_dir():
        if not out.is_dir():
            raise BenchError(f"--out: {out}: no such folder; a folder of images is translated into one that exists")
        if out.resolve() == source.resolve():
            raise BenchError(f"--out: {out}: this is the folder of the inputs; allowed: another one")
        names = sorted((path.name for path in source.iterdir() if path.is_file() and is_image(path.name)), key=natural)
        if not names:
            raise BenchError(f"{source}: no images there")
        pairs = [(source / name, out / f"{Path(name).stem}.png") for name in names]
        made = [target.name for _, target in pairs]
        if again := next((name for name in made if made.count(name) > 1), None):
            raise BenchError(f"{source}: more than one image would become {again}")
        return pairs
    if not source.is_file():
        raise BenchError(f"{source}: no such file or folder")
    if out.is_dir():
        return [(source, out / f"{source.stem}.png")]
    if not out.parent.is_dir():
        raise BenchError(f"--out: {out}: no such folder: {out.parent}")
    if out.suffix.lower() not in ENDINGS:
        raise BenchError(f"--out: {out}: unknown ending {out.suffix!r}; allowed: {', '.join(ENDINGS)}")
    return [(source, out)]


def _read(path: Path, wanted: Recipe) -> tuple[Images, tuple[int, int]]:
    """An image as the cell wants it, and the width and height that it had."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = decode(path)
            return fit(wanted, image), image.size
    except UnidentifiedImageError:
        raise BenchError(f"{path}: not an image of the formats {', '.join(FORMATS)}") from None
    except BROKEN as error:
        raise BenchError(f"{path}: not readable: {one_line(error)}") from None


def _save(image: Images, target: Path) -> None:
    """Write a picture as a whole: to another name, then renamed."""
    work = target.with_name(f".{target.stem}.writing{target.suffix}")
    try:
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(work)
        work.replace(target)
    except OSError as error:
        raise BenchError(f"--out: {target}: {one_line(error)}") from None
    finally:
        work.unlink(missing_ok=True)


def _write(path: Path, images: Images) -> None:
    np.savez_compressed(path, images=images)
