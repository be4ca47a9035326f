"""Precision and recall of near-duplicates, on altered copies that are put among images.

python benchmarks/near_duplicates.py FOLDER      # of images of equal size, such as CIFAR-10's
python benchmarks/near_duplicates.py digits      # or shapes: sets that need no files
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from ganbench.data.near_duplicates import codes, repeats
from ganbench.data.sources.shapes import draw, numbers

Images = NDArray[np.uint8]
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


@click.command()
@click.argument("images")
@click.option("--count", default=5000, show_default=True, help="Images at most, drawn at random from a folder.")
@click.option("--copies", default=100, show_default=True, help="How many of them are copied.")
def main(images: str, count: int, copies: int) -> None:
    """Say for every kind of copy among IMAGES what the code of an autoencoder finds, and what it finds wrongly."""
    originals = KNOWN[images](count) if images in KNOWN else _folder(Path(images), count)
    chosen = np.random.default_rng(0).choice(len(originals), copies, replace=False)
    click.echo(f"{len(originals)} images, {copies} copies of each kind")
    for kind, alter in KINDS.items():
        among = np.concatenate([originals, alter(originals[chosen])])
        again = repeats(codes(among, np.arange(len(among))))
        wrong, right = int(again[: len(originals)].sum()), int(again[len(originals) :].sum())
        click.echo(f"{kind}: recall {right / copies:.2f}, {wrong} originals taken for copies")


def _digits(count: int) -> Images:
    return (load_digits().images[: min(count, 600)] / 16 * 255).astype(np.uint8)[..., None]


def _shapes(count: int) -> Images:
    """Coloured shapes at 32 × 32 pixels."""
    drawn = draw(numbers(min(count, 600), 0, "train"))
    return np.asarray(drawn.reshape(-1, 32, 2, 32, 2, 3).mean((2, 4)).round(), np.uint8)


def _folder(folder: Path, count: int) -> Images:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    if not paths:
        raise click.ClickException(f"{folder}: no images; allowed: a folder of images, {', '.join(KNOWN)}")
    rows = np.random.default_rng(5).choice(len(paths), min(count, len(paths)), replace=False)
    return np.stack([np.asarray(Image.open(paths[row]).convert("RGB")) for row in rows])


def _jpeg(images: Images) -> Images:
    made = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image.squeeze()).save(file, "JPEG", quality=75)
        made.append(np.asarray(Image.open(file)).reshape(image.shape))
    return np.stack(made)


def _noisy(images: Images) -> Images:
    noise = np.random.default_rng(1).normal(size=images.shape)
    return np.asarray(np.clip(images + noise, 0, 255).round(), np.uint8)


KNOWN: dict[str, Callable[[int], Images]] = {"digits": _digits, "shapes": _shapes}
KINDS: dict[str, Callable[[Images], Images]] = {
    "a tenth darker": lambda images: np.asarray(np.round(0.9 * images), np.uint8),
    "32 grey levels": lambda images: np.asarray(np.clip(np.round(images / 8) * 8, 0, 255), np.uint8),
    "JPEG of quality 75": _jpeg,
    "noise of one grey level": _noisy,
}


if __name__ == "__main__":
    main()
