"""The pictures of points: samples over training, and the discriminator from above."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganbench.data.points.source import PointSource
from ganbench.evaluation.figures import FAKE, REAL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ganbench.evaluation.points.fields import Fields

FRAME_MS = 400
REAL_POINTS = 1000
BINS = 80


def draw_film(source: PointSource, shown: NDArray[np.int64], points: NDArray[np.float32], folder: Path) -> None:
    """One picture a snapshot under ``pictures/``, and ``progress.gif`` of them; the last stays longer.

    Args:
        source: of the real points.
        shown: real points shown by then, (T,).
        points: generated ones, (T, n, dim).
        folder: where to write.
    """
    (folder / "pictures").mkdir()
    figure = _figure((3.2, 3.2))
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.88))
    frames = []
    for moment, drawn in zip(shown, points, strict=True):
        axes.clear()
        _samples(axes, source, drawn)
        axes.set_title(_moment(moment), fontsize="small")
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=80, metadata={"Software": None})
        (folder / "pictures" / f"{moment:09d}.png").write_bytes(buffer.getvalue())
        frames.append(Image.open(buffer).convert("RGB").quantize(64))
    durations = [FRAME_MS] * (len(frames) - 1) + [5 * FRAME_MS]
    frames[0].save(folder / "progress.gif", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def draw_strip(source: PointSource, shown: NDArray[np.int64], points: NDArray[np.float32], path: Path) -> None:
    """The snapshots side by side."""
    figure = _figure((1.6 * len(shown), 1.8))
    for place, (moment, drawn) in enumerate(zip(shown, points, strict=True)):
        axes = figure.add_axes(((place + 0.02) / len(shown), 0.02, 0.96 / len(shown), 0.86))
        _samples(axes, source, drawn)
        axes.set_title(_moment(moment), fontsize="x-small")
    figure.savefig(path, dpi=80, metadata={"Software": None})


def draw_discriminator(
    source: PointSource, found: Fields, samples: NDArray[np.float64], title: str, path: Path
) -> None:
    """Two views: the score of a discriminator whose generator was held; that of the trained one with its gradient."""
    figure = _figure((8.6, 4.1))
    figure.suptitle(title, fontsize="medium")
    held, trained = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.06, right=0.98, bottom=0.08, top=0.84, wspace=0.16)
    real = source.draw(REAL_POINTS, np.random.default_rng(0))
    if source.dim == 1:
        _line(held, source, found.ticks, found.surface)
        _line(trained, source, found.ticks, found.score)
        trained.hist(
            samples[:, 0], bins=BINS, range=(found.ticks[0], found.ticks[-1]), density=True, color=FAKE, alpha=0.4
        )
    else:
        _surface(held, found.ticks, found.surface)
        _surface(trained, found.ticks, found.score)
        _arrows(trained, found)
        trained.scatter(samples[:REAL_POINTS, 0], samples[:REAL_POINTS, 1], s=3, c=FAKE, linewidths=0)
        for axes in (held, trained):
            axes.scatter(real[:, 0], real[:, 1], s=3, c=REAL, linewidths=0, alpha=0.6)
            axes.set(xlim=(-source.reach, source.reach), ylim=(-source.reach, source.reach), aspect="equal")
    held.set_title(f"score; generator held at data + noise of σ {found.spread:.2g}", fontsize="small")
    trained.set_title("score after training, and where its gradient points", fontsize="small")
    figure.savefig(path, dpi=90, metadata={"Software": None})


def draw_samples(source: PointSource, samples: NDArray[np.float64], title: str, path: Path) -> None:
    """Samples over real points."""
    figure = _figure((5.0, 5.0))
    axes = figure.add_axes((0.03, 0.03, 0.94, 0.9))
    _samples(axes, source, samples)
    axes.set_title(title, fontsize="medium")
    figure.savefig(path, dpi=100, metadata={"Software": None})


def _figure(size: tuple[float, float]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure


def _samples(axes: Axes, source: PointSource, drawn: NDArray[np.floating]) -> None:
    """Real points below generated ones; on a line the exact density above a histogram."""
    reach = source.reach
    if source.dim == 1:
        ticks = np.linspace(-reach, reach, 400)
        axes.hist(np.clip(drawn[:, 0], -reach, reach), bins=BINS, range=(-reach, reach), density=True, color=FAKE)
        axes.plot(ticks, np.exp(source.log_density(ticks[:, None])), color=REAL, linewidth=1)
        axes.set(xlim=(-reach, reach), yticks=[])
        return
    real = source.draw(REAL_POINTS, np.random.default_rng(0))
    axes.scatter(real[:, 0], real[:, 1], s=4, c=REAL, linewidths=0, alpha=0.5)
    axes.scatter(drawn[:, 0], drawn[:, 1], s=3, c=FAKE, linewidths=0, alpha=0.7)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[])


def _surface(axes: Axes, ticks: NDArray[np.float64], score: NDArray[np.float64]) -> None:
    axes.contourf(ticks, ticks, score.T, levels=24, cmap="Greys_r", alpha=0.7)


def _arrows(axes: Axes, found: Fields) -> None:
    """All of one length: the steepness is seen from the contours."""
    lengths = np.linalg.norm(found.gradient, axis=1, keepdims=True)
    directions = np.divide(found.gradient, lengths, out=np.zeros_like(found.gradient), where=lengths > 0)
    axes.quiver(*found.places.T, *directions.T, color="#444444", angles="xy", width=0.002, scale=34, pivot="mid")


def _line(axes: Axes, source: PointSource, ticks: NDArray[np.float64], score: NDArray[np.float64]) -> None:
    """The score over the exact density."""
    axes.fill_between(ticks, np.exp(source.log_density(ticks[:, None])), color=REAL, alpha=0.4, linewidth=0)
    axes.set(yticks=[], xlim=(ticks[0], ticks[-1]))
    above = axes.twinx()
    above.plot(ticks, score, color="black", linewidth=1)
    above.tick_params(labelsize="x-small")


def _moment(shown: int) -> str:
    return f"{shown / 1000:g} k points"
