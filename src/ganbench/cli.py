"""The command `ganbench`."""

from __future__ import annotations

from pathlib import Path

import click

from ganbench import __version__
from ganbench.bench.cli import bench
from ganbench.search.cli import search


@click.group()
@click.version_option(__version__)
def main() -> None:
    """A bench for generative adversarial networks.

    The pipeline itself runs with `dvc repro`; these commands look after what is around it.
    """


main.add_command(bench)
main.add_command(search)


@main.command()
def variants() -> None:
    """List what params.yaml declares, and what it could declare."""
    from ganbench.catalogue import catalogue, declared
    from ganbench.params import load

    click.echo(declared(load()))
    click.echo(catalogue())


@main.command()
def doctor() -> None:
    """Say what this machine and this checkout have, and what is missing."""
    from ganbench.doctor import examine

    findings = examine()
    for finding in findings:
        click.echo(finding)
    if not all(finding.well for finding in findings):
        raise SystemExit(1)


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the file is up to date.")
def schema(check: bool) -> None:
    """Write params.schema.json, which editors use to complete and check params.yaml."""
    from ganbench.errors import BenchError
    from ganbench.outputs import write_text
    from ganbench.schema import FILE, text

    if not check:
        write_text(FILE, text())
        click.echo(f"wrote {FILE}")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text():
        raise BenchError(f"{FILE}: not up to date; run `ganbench schema`")


@main.command()
@click.argument("targets", nargs=-1)
@click.option("--jobs", type=click.IntRange(1), help="Cells at once; by default one a GPU, else one a core.")
@click.option("--gpus", metavar="0,1", help="The GPUs to hand out, one a job; by default all that are visible.")
@click.option("--threads", type=click.IntRange(1), help="Threads of every process; by default the cores are divided.")
@click.option("--part", metavar="K/N", help="Only every N-th job from the K-th on: the share of one of N machines.")
@click.option("--first", is_flag=True, help="Only what cells need, such as data and judge, and no cell.")
@click.option("--pull", is_flag=True, help="Take from DVC's remote what is there already.")
def repro(
    targets: tuple[str, ...],
    jobs: int | None,
    gpus: str | None,
    threads: int | None,
    part: str | None,
    first: bool,
    pull: bool,
) -> None:
    """Bring the whole pipeline up to date, as `dvc repro` does, several cells at once.

    TARGETS are stages, such as evaluate@dcgan-0, evaluate, or the pattern 'evaluate@*-0'; they and what they need are
    brought up to date, and nothing else. Without them: all.
    """
    from ganbench.errors import BenchError
    from ganbench.params import load
    from ganbench.scaling.devices import parse_gpus
    from ganbench.scaling.repro import Options, reproduce

    handed_out = tuple(parse_gpus(gpus)) if gpus is not None else None
    try:
        report = reproduce(load(), Options(jobs, handed_out, threads, part, first, pull, targets))
    except KeyboardInterrupt:
        click.echo("interrupted; the same command goes on from here", err=True)
        raise SystemExit(130) from None
    click.echo("what cells need is up to date" if first else report)
    if report.failed:
        raise BenchError(f"{len(report.failed)} of {len(report.outcomes)} jobs failed")


@main.command()
@click.option("--all", "everything", is_flag=True, help="The unfinished ones too; their trainings start over.")
def clean(everything: bool) -> None:
    """List the checkpoints under .scratch, and remove those that no unfinished training goes on from."""
    from ganbench.training.leftovers import leftovers, remove

    freed = 0
    for leftover in leftovers():
        if leftover.resumable and not everything:
            click.echo(f"kept     {leftover}")
        elif process := remove(leftover):
            click.echo(f"kept     {leftover}; process {process} is training it")
        else:
            click.echo(f"removed  {leftover}")
            freed += leftover.size
    click.echo(f"{freed / 1e6:.1f} MB freed")


@main.command()
def push() -> None:
    """Hand all results on through DVC's remote: `dvc push --run-cache`, with the metrics that git keeps."""
    from ganbench.scaling.share import push as run

    click.echo(f"pushed, with {run()} files of metrics")


@main.group()
def data() -> None:
    """Raw data."""


@data.command("add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--replace", is_flag=True, help="Put a new version in the place of one that is there.")
def data_add(name: str, path: Path | None, replace: bool) -> None:
    """Bring raw data in as data/raw/NAME, versioned by DVC, its origin recorded.

    PATH is a folder, an archive of one, or a file. Without it, mnist, stacked_mnist, fashion_mnist and cifar10
    are downloaded, and files that already lie under data/raw/NAME are registered.
    """
    from ganbench.data.door import add

    click.echo(add(name, path, replace=replace))


@main.command()
def sync() -> None:
    """Import into MLflow what it misses: results that DVC restored from its cache or a remote."""
    from ganbench.params import load
    from ganbench.tracking.sync import sync as run

    report = run(load())
    click.echo(f"{len(report.imported)} imported, {len(report.present)} already there, {len(report.missing)} not run")
    for cell in report.imported:
        click.echo(f"  imported {cell}")


@main.command()
@click.option("--cell", "name", required=True, help="track/variant/seed, such as images/dcgan/0")
@click.option("--text", help="What to draw, of a cell conditioned on text: held-out captions in turn unless given.")
@click.option("--label", help="The class to draw, of a cell conditioned on labels: all in turn unless given.")
@click.option("--count", default=64, show_default=True, type=click.IntRange(1))
@click.option("--columns", default=8, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--raw", is_flag=True, help="The generator itself, not its moving average.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="a PNG")
def sample(
    name: str, text: str | None, label: str | None, count: int, columns: int, seed: int, raw: bool, out: Path
) -> None:
    """Draw a grid from a trained cell; of points, a picture of them over real ones."""
    from ganbench.cell import Cell
    from ganbench.errors import BenchError
    from ganbench.params import load
    from ganbench.training.device import pick_device

    if out.suffix.lower() != ".png" or not out.parent.is_dir():
        raise BenchError(f"--out: {out}: expected a .png file in a folder that exists")
    params, cell = load(), Cell.parse(name)
    device = pick_device(params.device)
    if cell.track == "translation":
        raise BenchError(f"--cell: {cell}: it translates images; `ganbench translate --cell {cell} INPUT --out OUTPUT`")
    if cell.track == "points":
        if text is not None or label is not None:
            raise BenchError(f"--cell: {cell}: points are drawn without text and label")
        from ganbench.evaluation.points.figures import draw_samples
        from ganbench.games.tracks import source_of
        from ganbench.sampling.drawing import draw_points
        from ganbench.sampling.players import load_generator

        generator = load_generator(cell, params, device, ema=not raw)
        draw_samples(source_of(params), draw_points(generator, count, seed, device), str(cell), out)
    else:
        from ganbench.sampling.asking import sample_grid

        sample_grid(
            cell, params, device, out, count=count, columns=columns, seed=seed, ema=not raw, text=text, label=label
        )
    click.echo(f"wrote {out}")


@main.command()
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("--cell", "name", required=True, help="translation/variant/seed, such as translation/pix2pix/0")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="a picture, or for a folder a folder")
@click.option("--back", is_flag=True, help="From domain B to domain A.")
def translate(source: Path, name: str, out: Path, back: bool) -> None:
    """Translate INPUT, a picture or a folder of them, with a trained cell."""
    from ganbench.cell import Cell
    from ganbench.errors import BenchError
    from ganbench.params import load
    from ganbench.training.device import pick_device
    from ganbench.translating import translate_files

    params, cell = load(), Cell.parse(name)
    if cell.track != "translation":
        raise BenchError(f"--cell: {cell}: not a cell of the track translation, such as translation/pix2pix/0")
    for line in translate_files(cell, params, source, out, pick_device(params.device), back):
        click.echo(line)


if __name__ == "__main__":
    main()
