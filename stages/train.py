"""Train one cell: weights, history, fixed-noise pictures. Interrupted, it goes on from its last checkpoint."""

import os
from contextlib import nullcontext

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell, prepared_dir
from ganbench.data.store import Store
from ganbench.params import load
from ganbench.tracking.aside import Aside


@click.command()
@click.argument("track")
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Train VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    processes = params.engine.processes
    followed = Aside(cell, Store.open(prepared_dir(track)).meta.sha256["train"])
    one_of_many = processes > 1 and os.environ.get("RANK") != "0"
    with nullcontext() if one_of_many else followed:  # MLflow and torch are imported side by side
        from ganbench.training.device import pick_device
        from ganbench.training.distributed import joined, own_device, rank
        from ganbench.training.launcher import launch, must_launch
        from ganbench.training.run import scratch_of, train_cell

        if must_launch(processes):
            launch(processes)
            return
        followed.declare(cell, params)
        device = own_device(pick_device(params.device), processes)
        with scratch_of(cell, params, writes=rank() == 0) as scratch, joined(processes, device) as ranks:
            status = train_cell(cell, params, followed, scratch, ranks)
    if status.reason and ranks.leads:
        click.echo(f"{cell}: diverged: {status.reason}; recorded as failed", err=True)


if __name__ == "__main__":
    main()
