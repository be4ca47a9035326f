"""The command `ganbench search`; what it needs is imported when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ganbench.search.search import Request


@click.command()
@click.argument("target", metavar="TRACK/VARIANT")
@click.option("--trials", default=20, show_default=True, type=click.IntRange(1), help="In all, with earlier calls'.")
@click.option("--metric", help="A family such as fid, or a whole name; by default fid, and w1 of points.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="Thousand real samples a trial; as declared.")
@click.option("--seed", type=click.IntRange(0), help="Of every trial's training; the first that is declared.")
@click.option("--sampler", default="tpe", show_default=True, type=click.Choice(["tpe", "random"]))
@click.option("--sampler-seed", default=0, show_default=True, type=click.IntRange(0), help="Of the draws.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Trials at a time.")
def search(
    target: str,
    trials: int,
    metric: str | None,
    budget: float | None,
    seed: int | None,
    sampler: str,
    sampler_seed: int,
    jobs: int,
) -> None:
    """Try values from the ranges that params.yaml declares beside a variant, such as images/wgan_gp.

    Each trial is a cell of its own, trained and evaluated beside the project's results, and recorded in MLflow. The
    same command goes on where it was stopped. Of several trials at a time each has a process of its own, with its
    share of the cores or the GPUs; random draws stay the same ones, those of TPE then depend on which trial ends first.
    What was found stands in results/search/: best so far against trials, for all variants that were searched.
    """
    from ganbench.params import load
    from ganbench.scaling.devices import places, visible_gpus
    from ganbench.search.jobs import run_jobs
    from ganbench.search.results import SEARCH
    from ganbench.search.search import Request, parse_target, place_of, ready
    from ganbench.search.search import search as run

    track, variant = parse_target(target)
    asked = Request(
        track, variant, trials, metric, budget, seed, "random" if sampler == "random" else "tpe", sampler_seed
    )
    params = load()
    try:
        if jobs > 1:
            ready(asked, params)
            at = places(params, jobs, visible_gpus(params.device), None)
            run_jobs(_arguments(asked), at, place_of(track, variant))
        found = run(asked, params, click.echo)
    except KeyboardInterrupt:
        click.echo("interrupted; the same command goes on from here", err=True)
        raise SystemExit(130) from None
    best = found.best
    if best is None or best.value is None:
        click.echo(f"{target}: {len(found.trials)} trials, none of which reached its end")
        return
    click.echo(f"{target}: best of {len(found.trials)} trials: {found.metric} {best.value:.4g}, trial {best.number}:")
    for key, value in best.values.items():
        click.echo(f"  {key}: {value}")
    click.echo(f"wrote {SEARCH / track}.png, .csv and {SEARCH / track / variant}.json")


def _arguments(asked: Request) -> list[str]:
    """The command line of a request."""
    options = {
        "--trials": asked.trials,
        "--metric": asked.metric,
        "--budget": asked.budget,
        "--seed": asked.seed,
        "--sampler": asked.sampler,
        "--sampler-seed": asked.sampler_seed,
    }
    given = [(name, str(value)) for name, value in options.items() if value is not None]
    return [f"{asked.track}/{asked.variant}", *(part for option in given for part in option)]
