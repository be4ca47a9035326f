"""Evaluate all seeds of a variant of points."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.params import load
from ganbench.tracking.aside import Aside


@click.command()
@click.argument("variant")
def main(variant: str) -> None:
    """Evaluate the cells of VARIANT."""
    params = load()
    with Aside() as tracking:  # MLflow and torch are imported side by side
        from ganbench.evaluation.points.evaluate import evaluate_points
        from ganbench.training.leftovers import forget_finished

        forget_finished(f"points/{variant}")  # DVC has recorded the training's outputs: it starts this stage with them
        for cell, metrics in evaluate_points(variant, params).items():
            for name, value in sorted(metrics.items()):
                click.echo(f"{cell}: {name} {value if isinstance(value, str) else format(value, '.4g')}")
            tracking.record(cell, params)


if __name__ == "__main__":
    main()
