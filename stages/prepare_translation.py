"""Stage `prepare_translation`: raw images → the two domains of the track `translation`."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench import params
from ganbench.data.translation.prepare import prepare_translation


@click.command()
def main() -> None:
    """Decode and split the images that the task starts from, and make the two domains of them."""
    prepare_translation(params.load())


if __name__ == "__main__":
    main()
