"""Stage `report`: tables, figures and results/report.html from the results of all declared cells."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.params import load
from ganbench.reporting.report import write


@click.command(help=__doc__)
def main() -> None:  # noqa: D103
    write(load())


if __name__ == "__main__":
    main()
