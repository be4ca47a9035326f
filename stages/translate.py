"""Translate the held-out images with one cell: arrays, grid and the film of its training."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.training.device import pick_device
from ganbench.training.leftovers import forget_finished
from ganbench.translating import translate_cell


@click.command()
@click.argument("variant")
@click.argument("seed", type=int)
def main(variant: str, seed: int) -> None:
    """Translate with VARIANT of SEED."""
    cell, params = Cell("translation", variant, seed), load()
    forget_finished(str(cell))  # DVC has recorded the training's outputs: it starts this stage with them
    translate_cell(cell, params, pick_device(params.device))


if __name__ == "__main__":
    main()
