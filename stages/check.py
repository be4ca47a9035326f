"""Stage `check`: all of params.yaml and the raw files it names → data/source.json."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench import params
from ganbench.data import check


@click.command()
def main() -> None:
    """Refuse what cannot work before any work is done."""
    from ganbench.exploration.check import check_exploration
    from ganbench.games.tracks import check_tracks

    declared = params.load()
    check_tracks(declared)
    check_exploration(declared)
    check.write(check.find_source(declared))


if __name__ == "__main__":
    main()
