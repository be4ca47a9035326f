"""Evaluate one cell: its samples against the real images, or its translations against the right answers."""

from collections.abc import Callable
from typing import Any

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import Params, load
from ganbench.tracking.aside import Aside

Evaluation = Callable[[Cell, Params], dict[str, Any]]


def _images() -> Evaluation:
    from ganbench.evaluation.evaluate import evaluate_cell

    return evaluate_cell


def _translation() -> Evaluation:
    from ganbench.evaluation.translation.evaluate import evaluate_translation

    return evaluate_translation


TRACKS = {"images": _images, "translation": _translation}


@click.command()
@click.argument("track", type=click.Choice([*TRACKS]))
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Evaluate the cell of VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    with Aside() as tracking:  # MLflow and torch are imported side by side
        for name, value in sorted(TRACKS[track]()(cell, params).items()):
            click.echo(f"{cell}: {name} {value if isinstance(value, str) else format(value, '.4g')}")
        tracking.record(cell, params)


if __name__ == "__main__":
    main()
