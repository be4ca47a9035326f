"""The figure of the discriminator's verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganbench.evaluation.metric import Scores
from ganbench.evaluation.metrics.discrimination import Verdict, halves

BINS = 40
REAL, FAKE = "#1b6ca8", "#d1682f"


def draw_verdict(scores: Scores, verdict: Verdict, title: str, path: Path) -> None:
    """Histograms of the scores of held-out real and of generated images, the threshold, and the confusion in shares."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    generated = halves(scores.generated)[1]
    figure = Figure(figsize=(9, 3.6), dpi=100)
    figure.subplots_adjust(
        left=0.07, right=0.99, bottom=0.14, top=0.86, wspace=0.3
    )  # a solved layout takes thrice as long
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    edges = np.histogram_bin_edges(np.concatenate([scores.held_out, generated]), bins=BINS)
    for values, colour, label in ((scores.held_out, REAL, "held-out real"), (generated, FAKE, "generated")):
        share = np.full(len(values), 1 / len(values))
        left.hist(values, bins=edges, weights=share, color=colour, alpha=0.6, label=f"{label} ({len(values)})")
    kind = "midpoint" if scores.threshold is None else "threshold"
    left.axvline(verdict.threshold, color="black", linewidth=1, linestyle="--", label=f"{kind} {verdict.threshold:.3g}")
    left.set(xlabel="score of the discriminator", ylabel="share of images")
    left.legend(frameon=False, fontsize="small")
    table = [[verdict.true_positive, verdict.false_negative], [verdict.false_positive, verdict.true_negative]]
    right.imshow(table, cmap="Blues", vmin=0, vmax=1)
    for row, shares in enumerate(table):
        for column, value in enumerate(shares):
            colour = "white" if value > 0.5 else "black"
            right.text(column, row, f"{value:.3f}", ha="center", va="center", color=colour)
    right.set_xticks([0, 1], ["called real", "called generated"])
    right.set_yticks([0, 1], ["held-out real", "generated"])
    right.set_title(f"accuracy {verdict.accuracy:.3f}", fontsize="medium")
    figure.suptitle(title, fontsize="medium")
    figure.savefig(path, metadata={"Software": None})
