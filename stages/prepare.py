"""Stage `prepare`: raw images → the packed store of a track."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench import params
from ganbench.cell import prepared_dir
from ganbench.data import check, prepare


@click.command()
@click.argument("track", type=click.Choice(["images"]))
def main(track: str) -> None:
    """Decode, crop, resize and split the images of a track."""
    declared = params.load()
    source = check.open_source(declared, check.read())
    prepare.prepare(source, declared.images, prepared_dir(track))


if __name__ == "__main__":
    main()
