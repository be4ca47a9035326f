"""The command `ganbench search`; what it needs is imported when it runs."""

from __future__ import annotations

import click


@click.command()
@click.argument("target", metavar="TRACK/VARIANT")
@click.option("--trials", default=20, show_default=True, type=click.IntRange(1), help="In all, with earlier calls'.")
@click.option("--metric", help="A family such as fid, or a whole name; by default fid, and w1 of points.")
@click.option("--budget", type=click.FloatRange(0, min_open=True), help="Thousand real samples a trial; as declared.")
@click.option("--seed", type=click.IntRange(0), help="Of every trial's training; the first that is declared.")
@click.option("--sampler", default="tpe", show_default=True, type=click.Choice(["tpe", "random"]))
@click.option("--sampler-seed", default=0, show_default=True, type=click.IntRange(0), help="Of the draws.")
def search(
    target: str,
    trials: int,
    metric: str | None,
    budget: float | None,
    seed: int | None,
    sampler: str,
    sampler_seed: int,
) -> None:
    """Try values from the ranges that params.yaml declares beside a variant, such as images/wgan_gp.

    Each trial is a cell of its own, trained and evaluated beside the project's results, and recorded in MLflow. The
    same command goes on where it was stopped; given in two terminals, it runs two trials at once. What was found
    stands in results/search/: best so far against trials, for all variants that were searched.
    """
    from ganbench.params import load
    from ganbench.search.results import SEARCH
    from ganbench.search.search import Request, parse_target
    from ganbench.search.search import search as run

    track, variant = parse_target(target)
    asked = Request(
        track, variant, trials, metric, budget, seed, "random" if sampler == "random" else "tpe", sampler_seed
    )
    try:
        found = run(asked, load(), click.echo)
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
