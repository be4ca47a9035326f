"""One trial: a cell of its own in a project folder of its own, through what the stages do.

The folder stands under ``.scratch``, with links to what all cells share: prepared data, judge, floor. So a trial can
neither touch results of the project nor be mistaken for one. Experiments of DVC would do the same with a commit and a
checkout of the whole project each, in seconds rather than milliseconds, and leave fifty of them behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from ganbench.cell import METRICS, RUNS, Cell, dataset_of, floor_dir, floor_metrics, judge_dir, prepared_dir
from ganbench.errors import BenchError
from ganbench.params import RESERVED, Params
from ganbench.training.reading import Reading

Runner = Callable[[Cell, Params], Mapping[str, Any]]


def check_ready(track: str) -> None:
    """What a trial needs of the project.

    Raises:
        BenchError: it is not there.
    """
    needed = [floor_metrics(track)]
    if track != "points":
        needed = [prepared_dir(track), judge_dir(track), floor_dir(track), *needed]
    for path in needed:
        if not path.exists():
            stage = "floor" if track == "images" else f"floor_{track}"
            raise BenchError(f"{path}: not there, but every trial needs it; run dvc repro {stage}")


def run_trial(cell: Cell, params: Params, root: Path, folder: Path, run: Runner | None = None) -> dict[str, Any]:
    """Train, sample and evaluate a cell in `folder`, record it in the MLflow of `root`, and remove the folder.

    Killed, it leaves the folder and its checkpoint, and the next call with the same arguments goes on from there.

    Args:
        cell: of the variant that `params` declare.
        params: with the trial's values.
        root: of the project.
        folder: of the trial.
        run: from a cell to its metrics and status; by default what the stages do.

    Returns:
        the metrics by name, and the status.

    Raises:
        BenchError: an input is missing or damaged.
        Stopped: by a signal; the training is saved.
    """
    _link(cell.track, root, folder)
    with _inside(folder, root):
        found = dict((run or RUNNERS[cell.track])(cell, params))
        _record(cell, params)
    shutil.rmtree(folder)
    return found


def _images(cell: Cell, params: Params) -> Mapping[str, Any]:
    from ganbench.evaluation.evaluate import evaluate_cell
    from ganbench.sampling import sample_cell
    from ganbench.training.run import scratch_of, train_cell

    return _like_the_stages(cell, params, scratch_of, train_cell, sample_cell, evaluate_cell)


def _points(cell: Cell, params: Params) -> Mapping[str, Any]:
    from ganbench.evaluation.points.evaluate import evaluate_points
    from ganbench.training.leftovers import forget_finished
    from ganbench.training.points import scratch_of_variant, train_points

    with scratch_of_variant(cell.variant, params) as scratch:
        train_points(cell.variant, params, scratch)
    found = evaluate_points(cell.variant, params)[cell]
    forget_finished(f"{cell.track}/{cell.variant}")
    return found


def _translation(cell: Cell, params: Params) -> Mapping[str, Any]:
    from ganbench.evaluation.translation.evaluate import evaluate_translation
    from ganbench.training.translation import scratch_of_translation, train_translation
    from ganbench.translating import translate_cell

    return _like_the_stages(
        cell, params, scratch_of_translation, train_translation, translate_cell, evaluate_translation
    )


def _like_the_stages(
    cell: Cell,
    params: Params,
    scratch_of: Callable[..., Any],
    train: Callable[..., Any],
    sample: Callable[..., Any],
    evaluate: Callable[[Cell, Params], Mapping[str, Any]],
) -> Mapping[str, Any]:
    from ganbench.training.device import pick_device
    from ganbench.training.leftovers import forget_finished

    with scratch_of(cell, params) as scratch:
        train(cell, params, Nobody(), scratch)
    sample(cell, params, pick_device(params.device))
    found = evaluate(cell, params)
    forget_finished(str(cell))
    return found


RUNNERS: dict[str, Runner] = {"images": _images, "points": _points, "translation": _translation}
"""By track."""


class Nobody:
    """A watcher that does not look: a trial is recorded when it is done."""

    def losses(self, reading: Reading) -> None:
        """Losses were read."""

    def picture(self, images: int, path: Path) -> None:
        """A picture was drawn."""

    def resumed(self, readings: Any, pictures: Any) -> None:
        """The training goes on."""

    def saved(self) -> None:
        """A checkpoint was written."""


def _link(track: str, root: Path, folder: Path) -> None:
    """Links to what is shared; what a killed trial left stays."""
    shared = [Path("data"), *(RUNS / track / name for name in RESERVED)]
    shared += [METRICS / track / f"{name}.json" for name in RESERVED]
    for path in shared:
        link = folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        if (root / path).exists() and not link.exists():
            link.symlink_to(root / path)


@contextmanager
def _inside(folder: Path, root: Path) -> Iterator[None]:
    """Work in the folder, as a queued experiment does: checkpoints and the MLflow database are the project's."""
    before = os.environ.get("DVC_ROOT")
    os.environ["DVC_ROOT"] = str(root)
    try:
        with chdir(folder):
            yield
    finally:
        if before is None:
            del os.environ["DVC_ROOT"]
        else:
            os.environ["DVC_ROOT"] = before


def _record(cell: Cell, params: Params) -> None:
    """In an experiment beside that of the track, where no trial is taken for a result."""
    from ganbench.tracking import finished
    from ganbench.tracking.quietly import quietly
    from ganbench.tracking.record import write
    from ganbench.tracking.store import open_store

    def record() -> None:
        found = finished.read(cell, params)
        if found is None:
            raise BenchError(f"{cell}: its outputs are not complete")
        write(open_store(cell.track, f"{dataset_of(cell.track, params)}/search"), found, params)

    quietly(record, f"{cell} is in results/search alone")
