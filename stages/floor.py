"""Evaluate what cells are compared with, real samples first, as if it were samples of a cell."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.params import Params, load

Values = dict[str, dict[str, float]]


def _images(params: Params) -> Values:
    """Held-out real images."""
    from ganbench.evaluation.floor import evaluate_floor

    return {"real": evaluate_floor(params, "images")}


def _points(params: Params) -> Values:
    """Real points, and a Gaussian of their moments."""
    from ganbench.evaluation.points.evaluate import evaluate_floor

    return evaluate_floor(params)


def _translation(params: Params) -> Values:
    """The right answers, and the inputs as they are."""
    from ganbench.evaluation.translation.floor import translation_floor

    return translation_floor(params)


TRACKS = {"images": _images, "points": _points, "translation": _translation}


@click.command()
@click.argument("track", type=click.Choice([*TRACKS]))
def main(track: str) -> None:
    """Evaluate what the cells of TRACK are compared with."""
    for name, values in TRACKS[track](load()).items():
        for metric, value in sorted(values.items()):
            click.echo(f"{name}: {metric} {value:.4g}")


if __name__ == "__main__":
    main()
