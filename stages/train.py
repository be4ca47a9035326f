"""Train one cell: weights, history, fixed-noise pictures."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell, prepared_dir
from ganbench.data.store import Store
from ganbench.params import load
from ganbench.tracking.live import Live
from ganbench.training.run import train_cell


@click.command()
@click.argument("track")
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Train VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    data_hash = Store.open(prepared_dir(track)).meta.sha256["train"]
    with Live(cell, params, data_hash) as live:
        status = train_cell(cell, params, live)
    if status.reason:
        click.echo(f"{cell}: diverged: {status.reason}; recorded as failed", err=True)


if __name__ == "__main__":
    main()
