"""The report stage: tables, figures and the page, each written as a whole."""

from __future__ import annotations

from ganbench.cell import RESULTS
from ganbench.outputs import fresh_directory, write_text
from ganbench.params import Params
from ganbench.reporting import curves, points, scatter, wall
from ganbench.reporting.page import page
from ganbench.reporting.results import collect
from ganbench.reporting.style import LIGHT, render
from ganbench.reporting.table import to_csv, to_summary


def write(params: Params) -> None:
    """Write results/table.csv, summary.json, figures/ and report.html from the cells that are declared.

    Raises:
        BenchError: a result is missing or damaged, with the command that makes it.
    """
    results = collect(params, real_images=wall.COLUMNS)
    html = page(results)
    figures = {
        "losses": lambda theme: curves.losses(results, results.variants, theme),
        "samples": lambda theme: wall.samples_figure(results, theme),
        "quality_diversity": lambda theme: scatter.quality_diversity(results, theme),
        "metrics": lambda theme: scatter.strips(results, theme),
    }
    if (found := results.points) is not None:
        figures["points_samples"] = lambda theme: points.wall(found, theme)
        figures["points_metrics"] = lambda theme: scatter.strips(found, theme)
    with fresh_directory(RESULTS / "figures") as folder:
        for name, draw in figures.items():
            (folder / f"{name}.png").write_bytes(render(LIGHT, draw))
    write_text(RESULTS / "table.csv", to_csv(results))
    write_text(RESULTS / "summary.json", to_summary(results))
    write_text(RESULTS / "report.html", html)
