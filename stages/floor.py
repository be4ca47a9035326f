"""Evaluate held-out real images as if they were samples."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.evaluation.floor import evaluate_floor
from ganbench.params import load


@click.command()
@click.argument("track", type=click.Choice(["images"]))
def main(track: str) -> None:
    """Evaluate the real images of TRACK."""
    for name, value in sorted(evaluate_floor(load(), track).items()):
        click.echo(f"real: {name} {value:.4g}")


if __name__ == "__main__":
    main()
