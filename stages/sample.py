"""Draw samples, grids, walks and the film of one cell's training."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.sampling import sample_cell
from ganbench.training.device import pick_device
from ganbench.training.leftovers import forget_finished


@click.command()
@click.argument("track")
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Sample from VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    forget_finished(str(cell))  # DVC has recorded the training's outputs: it starts this stage with them
    sample_cell(cell, params, pick_device(params.device))


if __name__ == "__main__":
    main()
