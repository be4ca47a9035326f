"""Evaluate the real targets and the inputs themselves as if they were translations."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.evaluation.translation.floor import translation_floor
from ganbench.params import load


@click.command()
def main() -> None:
    """Evaluate ceiling and baseline of the track translation."""
    for which, values in translation_floor(load()).items():
        for name, value in sorted(values.items()):
            click.echo(f"{which}: {name} {value:.4g}")


if __name__ == "__main__":
    main()
