"""Raw images → the packed store of a track, or its two domains."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.params import Params, load


def _images(params: Params) -> None:
    from ganbench.cell import prepared_dir
    from ganbench.data import check, prepare

    prepare.prepare(check.open_source(params, check.read()), params.images, prepared_dir("images"))


def _translation(params: Params) -> None:
    from ganbench.data.translation.prepare import prepare_translation

    prepare_translation(params)


TRACKS = {"images": _images, "translation": _translation}


@click.command()
@click.argument("track", type=click.Choice([*TRACKS]))
def main(track: str) -> None:
    """Decode, crop, resize and split the images of TRACK."""
    TRACKS[track](load())


if __name__ == "__main__":
    main()
