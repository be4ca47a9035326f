"""What one cell makes: samples, grids, walks and the film of its training; of translation the held-out images."""

from collections.abc import Callable
from typing import Any

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.training.device import pick_device
from ganbench.training.leftovers import forget_finished


def _images() -> Callable[..., Any]:
    from ganbench.sampling import sample_cell

    return sample_cell


def _translation() -> Callable[..., Any]:
    from ganbench.translating import translate_cell

    return translate_cell


TRACKS = {"images": _images, "translation": _translation}


@click.command()
@click.argument("track", type=click.Choice([*TRACKS]))
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Sample from VARIANT of TRACK with SEED, or translate with it."""
    cell, params = Cell(track, variant, seed), load()
    forget_finished(str(cell))  # DVC has recorded the training's outputs: it starts this stage with them
    TRACKS[track]()(cell, params, pick_device(params.device))


if __name__ == "__main__":
    main()
