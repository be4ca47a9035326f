"""Evaluate one cell of the track translation."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.tracking.aside import Aside


@click.command()
@click.argument("variant")
@click.argument("seed", type=int)
def main(variant: str, seed: int) -> None:
    """Evaluate the translations of the cell of VARIANT with SEED."""
    cell, params = Cell("translation", variant, seed), load()
    with Aside() as tracking:  # MLflow and torch are imported side by side
        from ganbench.evaluation.translation.evaluate import evaluate_translation

        for name, value in sorted(evaluate_translation(cell, params).items()):
            click.echo(f"{cell}: {name} {value if isinstance(value, str) else format(value, '.4g')}")
        tracking.record(cell, params)


if __name__ == "__main__":
    main()
