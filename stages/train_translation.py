"""Train one cell of the track `translation`. Interrupted, it goes on from its last checkpoint."""

import os
from contextlib import nullcontext

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.tracking.aside import Aside
from ganbench.tracking.finished import data_hash


@click.command()
@click.argument("variant")
@click.argument("seed", type=int)
def main(variant: str, seed: int) -> None:
    """Train VARIANT with SEED."""
    cell, params = Cell("translation", variant, seed), load()
    processes = params.engine.processes
    followed = Aside(cell, data_hash(cell))
    one_of_many = processes > 1 and os.environ.get("RANK") != "0"
    with nullcontext() if one_of_many else followed:  # MLflow and torch are imported side by side
        from ganbench.training.device import pick_device
        from ganbench.training.distributed import joined, own_device, rank
        from ganbench.training.launcher import launch, must_launch
        from ganbench.training.translation import scratch_of_translation, train_translation

        if must_launch(processes):
            launch(processes)
            return
        followed.declare(cell, params)
        device = own_device(pick_device(params.device), processes)
        with (
            scratch_of_translation(cell, params, writes=rank() == 0) as scratch,
            joined(processes, device) as ranks,
        ):
            status = train_translation(cell, params, followed, scratch, ranks)
    if status.reason and ranks.leads:
        click.echo(f"{cell}: diverged: {status.reason}; recorded as failed", err=True)


if __name__ == "__main__":
    main()
