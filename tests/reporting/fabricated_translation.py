"""The track `translation` on disk as if it had run, by the formats that the other parts write."""

import numpy as np
import pandas as pd
from fabricated import real_images, spoilt, write_course, write_json

from ganbench.cell import METRICS, Cell, cells, floor_metrics
from ganbench.params import Params, Translation
from ganbench.pictures import grid

VARIANTS = {
    "pix2pix": {"game": "paired", "network": "unet", "objective": "non_saturating"},
    "cyclegan": {"game": {"cycle": {"identity": 0.0}}, "network": "resnet", "objective": "least_squares"},
}
N = 200


def add_translation(
    params: Params,
    task: str = "edges",
    not_run: set[tuple[str, int]] = frozenset(),
    swapped: int | None = None,
    *,
    moments: bool = True,
) -> Params:
    """Fabricate the track; `swapped` is a seed of cyclegan that found the other mapping; `moments`: with curves."""
    params = params.model_copy(update={"translation": Translation.model_validate({"task": task, "variants": VARIANTS})})
    images = real_images(60, 16, 1)
    for cell in cells(params, "translation"):
        if (cell.variant, cell.seed) not in not_run:
            _cell(cell, images, wrong=cell.seed == swapped)
            if moments:
                _curve(cell)
    if len(not_run) < len(cells(params, "translation")):
        write_json(floor_metrics("translation"), {"status": "real", f"l1_ab_{N}": 0.0, f"fid_judge_ab_{N}": 2.5})
        identity = {f"l1_ab_{N}": 0.31, f"cycle_ab_{N}": 0.0, f"fid_judge_ab_{N}": 90.0}
        write_json(METRICS / "translation" / "identity.json", {"status": "identity"} | identity)
    return params


def _cell(cell: Cell, images: np.ndarray, *, wrong: bool) -> None:
    rng = np.random.default_rng([len(cell.variant), cell.seed])
    (cell.train_dir / "pictures").mkdir(parents=True)
    write_json(
        cell.train_dir / "status.json", {"status": "finished", "iteration": 1250, "images": 20_000, "reason": None}
    )
    steps = np.arange(50, 1251, 50)
    readings = {"iteration": steps, "images": steps * 16, "generator_total": 10 + 0 * steps}
    readings |= {"generator": 1 + rng.normal(0, 0.1, len(steps)), "l1": 0.3 * np.exp(-steps / 400)}
    metrics = {f"l1_ab_{N}": 0.05 + rng.normal(0, 0.002), f"fid_judge_ab_{N}": 9.0 + rng.normal()}
    if cell.variant == "cyclegan":
        readings |= {"cycle_a": readings.pop("l1"), "cycle_b": 0.2 * np.exp(-steps / 400)}
        readings |= {"discriminator_a": 0.5 + 0 * steps, "discriminator_b": 0.4 + 0 * steps}
        metrics |= {f"cycle_ab_{N}": 0.011, f"correct_ab_{N}": 0.02 if wrong else 0.97}
        metrics |= {f"l1_ab_{N}": 0.4 if wrong else 0.06, f"l1_ba_{N}": 0.4 if wrong else 0.07}
    else:
        readings["discriminator"] = 1.2 + 0 * steps
    pd.DataFrame(readings).to_csv(cell.train_dir / "history.csv", index=False)
    frames = [grid(spoilt(images[:12], 100 / step, rng), 3, scale=2) for step in (1, 2, 4)]
    for step, frame in enumerate(frames):
        frame.save(cell.train_dir / "pictures" / f"{step:09d}.png")
    cell.samples_dir.mkdir(parents=True)
    grid(spoilt(images[:12], 10, rng), 3, scale=2).save(cell.samples_dir / "grid.png")
    frames[0].save(cell.samples_dir / "progress.gif", save_all=True, append_images=frames[1:], duration=400, loop=0)
    np.savez(cell.samples_dir / "ab.npz", images=images)
    cell.evaluation_dir.mkdir()
    for way in ("ab", "ba") if cell.variant == "cyclegan" else ("ab",):
        grid(images[:16], 4, scale=2).save(cell.evaluation_dir / f"errors_{way}.png")
    write_json(cell.metrics_path, {"status": "finished"} | metrics)


def _curve(cell: Cell) -> None:
    """The way A to B falls and rises again; the other way, which comes first in the file, has values of its own."""
    others = {f"fid_judge_ba_{N}": [90.0, 80.0, 70.0], f"l1_ab_{N}": [0.3, 0.1, 0.05]}
    values = [60.0, 20.0 + cell.seed, 30.0]
    write_course(cell, f"fid_judge_ab_{N}", values, [5000, 10_000, 20_000], [312, 625, 1250], others)
