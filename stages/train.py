"""Train one cell: weights, history, fixed-noise pictures. Interrupted, it goes on from its last checkpoint."""

import os
from contextlib import nullcontext
from typing import Any

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import Cell
from ganbench.params import load
from ganbench.tracking.aside import Aside
from ganbench.tracking.finished import data_hash


def _images() -> tuple[Any, Any]:
    from ganbench.training.run import scratch_of, train_cell

    return scratch_of, train_cell


def _translation() -> tuple[Any, Any]:
    from ganbench.training.translation import scratch_of_translation, train_translation

    return scratch_of_translation, train_translation


TRACKS = {"images": _images, "translation": _translation}
"""By track: where a training is saved, and the training."""


@click.command()
@click.argument("track", type=click.Choice([*TRACKS]))
@click.argument("variant")
@click.argument("seed", type=int)
def main(track: str, variant: str, seed: int) -> None:
    """Train VARIANT of TRACK with SEED."""
    cell, params = Cell(track, variant, seed), load()
    processes = params.engine.processes
    followed = Aside(cell, data_hash(cell))
    one_of_many = processes > 1 and os.environ.get("RANK") != "0"
    with nullcontext() if one_of_many else followed:  # MLflow and torch are imported side by side
        from ganbench.training.device import pick_device
        from ganbench.training.distributed import joined, own_device, rank
        from ganbench.training.launcher import launch, must_launch

        scratch_of, train = TRACKS[track]()
        if must_launch(processes):
            launch(processes)
            return
        followed.declare(cell, params)
        device = own_device(pick_device(params.device), processes)
        with scratch_of(cell, params, writes=rank() == 0) as scratch, joined(processes, device) as ranks:
            status = train(cell, params, followed, scratch, ranks)
    if status.reason and ranks.leads:
        click.echo(f"{cell}: diverged: {status.reason}; recorded as failed", err=True)


if __name__ == "__main__":
    main()
