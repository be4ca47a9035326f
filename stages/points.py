"""Train all seeds of a variant of points side by side. Interrupted, it goes on from its last checkpoint."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.params import load
from ganbench.training.points import scratch_of_variant, train_points


@click.command()
@click.argument("variant")
def main(variant: str) -> None:
    """Train VARIANT with every declared seed."""
    params = load()
    with scratch_of_variant(variant, params) as scratch:
        statuses = train_points(variant, params, scratch)
    for seed, status in zip(params.seeds, statuses, strict=True):
        if status.reason:
            click.echo(f"points/{variant}/{seed}: diverged: {status.reason}; recorded as failed", err=True)


if __name__ == "__main__":
    main()
