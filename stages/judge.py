"""Train the judge on the real images."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import judge_dir, judge_metrics, prepared_dir
from ganbench.data.store import Store
from ganbench.evaluation.judge import train_judge
from ganbench.outputs import write_json
from ganbench.params import load
from ganbench.training.device import pick_device


@click.command()
@click.argument("track", type=click.Choice(["images"]))
def main(track: str) -> None:
    """Train the judge of TRACK."""
    params = load()
    store = Store.open(prepared_dir(track))
    card = train_judge(store, params.images.judge, pick_device(params.device), judge_dir(track))
    write_json(judge_metrics(track), card.metrics())
    click.echo(f"judge: {card.test_accuracy:.2%} of the held-out {card.task} recognised")


if __name__ == "__main__":
    main()
