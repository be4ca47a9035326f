"""Train a judge of each domain of the track translation."""

import click

import _checkout  # noqa: F401 (stages run the code of the checkout they stand in)
from ganbench.cell import judge_dir, judge_metrics, prepared_dir
from ganbench.data.translation.domains import Domains
from ganbench.evaluation.judge import train_judge
from ganbench.evaluation.translation.setting import TRACK
from ganbench.games.translation.recipe import translation_of
from ganbench.outputs import write_json
from ganbench.params import load
from ganbench.training.device import pick_device


@click.command()
def main() -> None:
    """Train the judges of domains a and b."""
    params = load()
    settings, domains = translation_of(params).judge, Domains.open(prepared_dir(TRACK))
    device = pick_device(params.device)
    found: dict[str, float] = {}
    for name, store in (("a", domains.a), ("b", domains.b)):
        card = train_judge(store, settings, device, judge_dir(TRACK) / name, attributes=False)
        found |= {f"{name}_{key}": value for key, value in card.metrics().items()}
        click.echo(f"judge of {name}: {card.test_accuracy:.2%} of the held-out {card.task} recognised")
    write_json(judge_metrics(TRACK), found)


if __name__ == "__main__":
    main()
