"""Cells that look finished, made by the contract of their outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from ganbench.cell import Cell, declaration, floor_metrics, prepared_dir
from ganbench.games.recipe import image_recipe, image_shape
from ganbench.params import Params
from ganbench.training.weights import save_weights

TINY = {"mlp": {"width": 8, "depth": 1, "latent": 4}}
STEPS = (640, 1280, 1920)


def declare(**variants: dict[str, Any]) -> Params:
    images = {"dataset": "digits", "resolution": 16, "budget_kimg": 2, "variants": variants}
    return Params.model_validate({"seeds": [0], "images": images})


GAN = {"network": TINY, "objective": "minimax", "tricks": {"ema": 10}, "optimizer": {"lr": 2e-4, "betas": [0.5, 0.999]}}
WGAN_GP = {
    "network": TINY,
    "objective": "wasserstein",
    "constraint": {"gradient_penalty": 10.0},
    "critic_steps": 5,
    "optimizer": {"lr": 1e-4, "betas": [0.0, 0.9]},
}


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_data(seed: int = 0) -> None:
    meta = {
        "dataset": "digits",
        "resolution": 16,
        "channels": 1,
        "train": 1348,
        "test": 449,
        "sha256": {"train": f"{seed + 1:x}" * 64, "test": f"{seed + 2:x}" * 64},
    }
    write_json(prepared_dir("images") / "meta.json", meta)


def losses_at(cell: Cell, images: int) -> dict[str, float]:
    return {"discriminator": 1 / images + cell.seed, "generator": images / 1000}


def write_history(cell: Cell, rows: dict[int, dict[str, float]]) -> None:
    lines = ["iteration,images,discriminator,generator"]
    lines += [f"{images // 64},{images},{row['discriminator']},{row['generator']}" for images, row in rows.items()]
    (cell.train_dir / "history.csv").write_text("\n".join(lines) + "\n")


def picture(path: Path, shade: int = 128, size: int = 32) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size, size), shade, np.uint8)).save(path)
    return path


def write_trained(cell: Cell, params: Params, status: dict[str, Any]) -> None:
    cell.train_dir.mkdir(parents=True)
    torch.manual_seed(cell.seed)
    for suffix in ("", "_ema") if params.images.variants[cell.variant].tricks else ("",):
        generator = image_recipe(params, cell.variant).generator(image_shape(params))
        save_weights(generator, cell.train_dir / f"generator{suffix}.safetensors")
    write_history(cell, {images: losses_at(cell, images) for images in STEPS})
    for shade, images in enumerate((0, *STEPS)):
        picture(cell.train_dir / "pictures" / f"{images:09d}.png", shade * 60 % 256)
    write_json(cell.train_dir / "status.json", status)
    write_json(cell.train_dir / "declared.json", declaration(cell, params))


def write_finished(cell: Cell, params: Params, fid: float = 12.5) -> None:
    write_trained(cell, params, {"status": "finished", "iteration": 30, "images": 1920, "reason": None})
    for name in ("grid.png", "interpolation.png"):
        picture(cell.samples_dir / name)
    np.savez_compressed(cell.samples_dir / "samples.npz", images=np.full((8, 16, 16, 1), cell.seed, np.uint8))
    for name in ("neighbours_pixel.png", "discriminator.png"):
        picture(cell.evaluation_dir / name)
    write_json(cell.evaluation_dir / "record.json", {"n": 449})
    write_json(cell.metrics_path, {"status": "finished", "fid_judge_449": fid, "kid_judge_449": fid / 100})
    write_json(floor_metrics("images"), {"status": "real", "fid_judge_449": 1.25, "kid_judge_449": 0.001})


def write_curve(cell: Cell, fids: dict[int, float]) -> None:
    for path, columns in ((cell.train_dir / "snapshots.csv", 3), (cell.evaluation_dir / "curve.csv", 5)):
        rows = [["iteration", "images", "generator_steps", "fid_judge_449", "precision_judge_449_k5"]]
        rows += [[str(images // 64), str(images), str(images // 64), str(fid), "0.5"] for images, fid in fids.items()]
        path.write_text("".join(",".join(row[:columns]) + "\n" for row in rows))


def write_diverged(cell: Cell, params: Params) -> None:
    status = {"status": "diverged", "iteration": 30, "images": 1920, "reason": "discriminator is nan at iteration 30"}
    write_trained(cell, params, status)
    rows = {images: losses_at(cell, images) for images in STEPS[:-1]}
    write_history(cell, rows | {STEPS[-1]: {"discriminator": float("nan"), "generator": float("inf")}})
    write_json(cell.samples_dir / "status.json", status)
    write_json(cell.metrics_path, {"status": "diverged", "iteration": 30, "images": 1920})
