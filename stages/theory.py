"""Stage `theory`: every statement of docs/theory.md computed, drawn and compared with its exact value."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.theory.run import write


@click.command(help=__doc__)
def main() -> None:  # noqa: D103
    for name, chapter in write().items():
        click.echo(f"{name}: {len(chapter.statements)} statements hold")


if __name__ == "__main__":
    main()
