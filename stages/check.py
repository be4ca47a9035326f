"""Stage `check`: all of params.yaml and the raw files it names → data/source.json."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench import params
from ganbench.data import check


@click.command()
def main() -> None:
    """Refuse what cannot work before any work is done."""
    from ganbench.games.recipe import check_variants

    declared = params.load()
    check_variants(declared)
    check.write(check.find_source(declared))


if __name__ == "__main__":
    main()
