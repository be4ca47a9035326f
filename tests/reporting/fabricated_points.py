"""The track `points` on disk as if it had run, by the formats that the other parts write."""

import numpy as np
from fabricated import write_course, write_json
from PIL import Image

from ganbench.cell import Cell, ceiling_metrics, cells, floor_metrics, gaussian_metrics
from ganbench.params import Params, Points

W1 = "w1_ring_1000"
POINTS = [0, 100_000, 200_000]
VARIANT = {"network": "mlp", "objective": "non_saturating"}
WASSERSTEIN = {"network": "mlp", "objective": "wasserstein", "critic_steps": 5, "constraint": {"weight_clip": 0.01}}


def add_points(params: Params, variants: list[str], diverged: set[tuple[str, int]] = frozenset()) -> Params:
    """Fabricate the track; of a variant named wgan the generator takes a step in five."""
    declared = {name: WASSERSTEIN if name == "wgan" else VARIANT for name in variants}
    points = Points.model_validate({"dataset": "ring", "evaluate": {"samples": 1000}, "variants": declared})
    params = params.model_copy(update={"points": points})
    write_json(floor_metrics("points"), {"status": "real", W1: 0.05})
    write_json(ceiling_metrics("points"), {"status": "ceiling", W1: 0.0})
    write_json(gaussian_metrics("points"), {"status": "gaussian", W1: 0.9})
    for index, cell in enumerate(cells(params, "points")):
        _cell(cell, 1 + index / 100, diverged=(cell.variant, cell.seed) in diverged)
    return params


def _cell(cell: Cell, scale: float, *, diverged: bool) -> None:
    ending = {"status": "diverged" if diverged else "finished", "iteration": 780, "images": 200_000}
    write_json(cell.train_dir / "status.json", ending | {"reason": "generator is nan" if diverged else None})
    if diverged:
        write_json(cell.metrics_path, ending)
        return
    values = [4.0 * scale, 0.5 * scale, 1.0 * scale]
    write_json(cell.metrics_path, {"status": "finished", W1: values[-1]})
    cell.evaluation_dir.mkdir(parents=True)
    for name in ("progress", "discriminator"):
        Image.new("RGB", (40, 20), "white").save(cell.evaluation_dir / f"{name}.png")
    np.savez(cell.evaluation_dir / "samples.npz", points=np.zeros((10, 2)))
    steps = [0, 78, 156] if cell.variant == "wgan" else [0, 390, 780]
    write_course(cell, W1, values, POINTS, steps, {"modes_ring_1000": [1.0, 8.0, 7.0]})
