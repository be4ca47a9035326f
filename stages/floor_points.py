"""Evaluate real points, and a Gaussian of the same moments, as if they were samples."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.evaluation.points.evaluate import evaluate_floor
from ganbench.params import load


@click.command(help=__doc__)
def main() -> None:  # noqa: D103
    for name, values in evaluate_floor(load()).items():
        for metric, value in sorted(values.items()):
            click.echo(f"{name}: {metric} {value:.4g}")


if __name__ == "__main__":
    main()
