"""Explore one cell: walks, arithmetic on latents, feature dropout, the discriminator as a representation."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.exploration.explore import explore_cell
from ganbench.params import load


@click.command()
@click.argument("variant")
@click.argument("seed", type=int)
def main(variant: str, seed: int) -> None:
    """Explore the cell of VARIANT of the images with SEED."""
    cell = Cell("images", variant, seed)
    for name, value in sorted(explore_cell(cell, load()).items()):
        click.echo(f"{cell}: {name} {value if isinstance(value, str) else format(value, '.4g')}")


if __name__ == "__main__":
    main()
