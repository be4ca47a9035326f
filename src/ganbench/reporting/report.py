"""The report stage: tables, statistics, figures and the page, each written as a whole."""

from __future__ import annotations

from ganbench.cell import RESULTS
from ganbench.outputs import fresh_directory, write_text
from ganbench.params import Params
from ganbench.reporting import standing, wall
from ganbench.reporting.figures import draw_all
from ganbench.reporting.page import page
from ganbench.reporting.results import collect
from ganbench.reporting.table import to_csv, to_summary


def write(params: Params) -> None:
    """Write results/table.csv, summary.json, statistics.json, figures/ and report.html from the declared cells.

    Raises:
        BenchError: a result is missing or damaged, with the command that makes it.
    """
    results = collect(params, real_images=wall.COLUMNS)
    drawings = draw_all(results)
    html = page(results, drawings)
    with fresh_directory(RESULTS / "figures") as folder:
        for name, drawing in drawings.items():
            (folder / f"{name}.png").write_bytes(drawing.light)
    write_text(RESULTS / "table.csv", to_csv(results))
    write_text(RESULTS / "summary.json", to_summary(results))
    write_text(RESULTS / "statistics.json", standing.to_json(results))
    write_text(RESULTS / "report.html", html)
