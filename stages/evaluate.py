"""Evaluate one cell: its samples against the real images, its discriminator on both."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.tracking.aside import Aside


@click.command()
@click.argument("track", type=click.Choice(["images"]))
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Evaluate the cell of VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    with Aside() as tracking:  # MLflow and torch are imported side by side
        from ganbench.evaluation.evaluate import evaluate_cell

        for name, value in sorted(evaluate_cell(cell, params).items()):
            click.echo(f"{cell}: {name} {value if isinstance(value, str) else format(value, '.4g')}")
        tracking.record(cell, params)


if __name__ == "__main__":
    main()
