"""A project on disk as if its pipeline had run, by the formats that the other parts write."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from ganbench.cell import Cell, cells, floor_metrics, judge_dir, judge_metrics, prepared_dir
from ganbench.data.store import Meta
from ganbench.params import Params
from ganbench.pictures import grid
from ganbench.reporting.course import curve_path

VARIANTS = {
    "gan": {"network": "mlp", "objective": "minimax", "tricks": {"ema": 10}, "optimizer": {"lr": 2e-4}},
    "gan_ns": {"network": "mlp", "objective": "non_saturating", "optimizer": {"lr": 2e-4, "betas": [0.5, 0.999]}},
    "dcgan": {"network": {"dcgan": {"width": 32}}, "objective": "non_saturating", "tricks": {"ema": 10}},
    "wgan": {
        "network": "dcgan", "objective": "wasserstein", "constraint": {"weight_clip": 0.01}, "critic_steps": 5,
        "optimizer": {"name": "rmsprop", "lr": 5e-5},
    },
    "wgan_gp": {
        "network": "dcgan", "objective": "wasserstein", "constraint": {"gradient_penalty": 10.0}, "critic_steps": 5,
        "tricks": {"ema": 10}, "optimizer": {"lr": 1e-4, "betas": [0.0, 0.9]},
    },
}  # fmt: skip
CONDITIONAL = {
    "cgan": {"network": "mlp", "objective": "non_saturating", "condition": {"label": "concatenation"}},
    "gan_cls": {"network": "dcgan", "objective": "non_saturating", "condition": {"text": "concatenation"}},
}
BLUR = {"gan": 90.0, "gan_ns": 60.0, "dcgan": 25.0, "wgan": 40.0, "wgan_gp": 15.0, "cgan": 50.0, "gan_cls": 45.0}


@dataclass
class Project:
    """What to fabricate; `write` puts it into the working directory."""

    seeds: list[int] = field(default_factory=lambda: [0])
    variants: list[str] = field(default_factory=lambda: list(VARIANTS))
    diverged: set[tuple[str, int]] = field(default_factory=set)
    resolution: int = 16
    channels: int = 1
    labelled: bool = True
    explored: list[str] = field(default_factory=list)
    not_run: set[tuple[str, int]] = field(default_factory=set)
    pictures: bool = True  # without them there are numbers alone, in a tenth of the time
    moments: int = 8  # of a training; 0: no learning curves

    def write(self) -> Params:
        params = self.params()
        count = 20 if self.resolution > 32 else 450
        images = real_images(count, self.resolution, self.channels)
        self._data(images)
        for cell in cells(params, "images"):
            if (cell.variant, cell.seed) not in self.not_run:
                self._cell(cell, images)
        floor = {"status": "real"} | self.metrics(2.0, 0.0)
        for condition in ("label", "text"):
            floor |= asked_metrics(condition, 2.0) if self._has(condition) else {}
        write_json(floor_metrics("images"), floor)
        write_json(judge_metrics("images"), {"test_accuracy": 0.98667, "test_loss": 0.0481})
        write_json(judge_dir("images") / "judge.json", {"task": "classes" if self.labelled else "rotations"})
        return params

    def params(self) -> Params:
        images = {
            "resolution": self.resolution,
            "channels": self.channels,
            "explore": {"variants": self.explored},
            "variants": {name: (VARIANTS | CONDITIONAL)[name] for name in self.variants},
        }
        return Params.model_validate({"seeds": self.seeds, "images": images})

    def _has(self, condition: str) -> bool:
        return any(condition in CONDITIONAL.get(name, {}).get("condition", {}) for name in self.variants)

    def metrics(self, worse: float, jitter: float) -> dict[str, float]:
        """Plausible metrics of a generator that is `worse` than perfect by some amount."""
        closeness = 1 / (1 + worse / 40)
        made = {
            "fid_judge_449": 3.1 + worse + jitter,
            "kid_judge_449": (worse - 2) / 900 + jitter / 1000,
            "is_judge_449": 9.3 * closeness + jitter / 20,
            "precision_judge_449_k5": 0.93 * closeness + jitter / 100,
            "recall_judge_449_k5": 0.9 * closeness**1.5 + jitter / 100,
            "density_judge_449_k5": 0.98 * closeness + jitter / 100,
            "coverage_judge_449_k5": 0.96 * closeness**2 + jitter / 100,
            "nn_pixel_449": 42.0 + worse / 6 + jitter,
            "nn_feature_449": 0.81 + worse / 90 + jitter / 40,
        }
        return made if self.labelled else {key: value for key, value in made.items() if not key.startswith("is_")}

    def _data(self, images: np.ndarray) -> None:
        root = prepared_dir("images")
        root.mkdir(parents=True)
        np.save(root / "test.npy", images)
        digest = hashlib.sha256(images.tobytes()).hexdigest()
        classes = [str(digit) for digit in range(10)] if self.labelled else []
        counts = (1347, len(images), 0, 0)
        hashes = {"train": digest[::-1], "test": digest}
        meta = Meta("digits", self.resolution, self.channels, "lanczos", classes, *counts, [77.0], [91.0], hashes)
        (root / "meta.json").write_text(json.dumps(asdict(meta)))

    def _cell(self, cell: Cell, images: np.ndarray) -> None:
        diverged = (cell.variant, cell.seed) in self.diverged
        rng = np.random.default_rng([len(cell.variant), cell.seed])
        status = {"status": "finished", "iteration": 3125, "images": 200_000, "reason": None}
        if diverged:
            reason = "discriminator is nan at iteration 1234"
            status = {"status": "diverged", "iteration": 1234, "images": 78_976, "reason": reason}
        (cell.train_dir / "pictures").mkdir(parents=True)
        write_json(cell.train_dir / "status.json", status)
        write_history(cell, rng, diverged)
        frames = []
        for step in range(1, 4) if self.pictures else ():
            noise = BLUR[cell.variant] + 120 * 0.6**step
            frames.append(grid(spoilt(images[:64], noise, rng), 8, scale=max(1, 48 // self.resolution)))
            frames[-1].save(cell.train_dir / "pictures" / f"{step * 20_000:09d}.png")
        cell.samples_dir.mkdir(parents=True)
        if diverged:
            write_json(cell.samples_dir / "status.json", status)
            write_json(cell.metrics_path, {key: status[key] for key in ("status", "iteration", "images")})
            cell.evaluation_dir.mkdir(parents=True)
            return
        self._finished(cell, images, frames, rng)

    def _finished(self, cell: Cell, images: np.ndarray, frames: list, rng: np.random.Generator) -> None:
        cell.evaluation_dir.mkdir(parents=True)
        if self.pictures:
            self._pictures(cell, images, frames, rng)
        self._measured(cell, rng)

    def _pictures(self, cell: Cell, images: np.ndarray, frames: list, rng: np.random.Generator) -> None:
        drawn, scale = spoilt(images, BLUR[cell.variant], rng), max(1, 48 // self.resolution)
        np.savez_compressed(cell.samples_dir / "samples.npz", images=drawn)
        grid(drawn[:64], 16, scale=scale).save(cell.samples_dir / "grid.png")
        grid(drawn[:40], 10, scale=scale).save(cell.samples_dir / "interpolation.png")
        paletted = [frame.convert("P") for frame in frames]
        paletted[0].save(
            cell.samples_dir / "progress.gif", save_all=True, append_images=paletted[1:], duration=400, loop=0
        )
        for name in ("neighbours_pixel", "neighbours_feature"):
            grid(images[:48], 12, scale=scale).save(cell.evaluation_dir / f"{name}.png")
        confusion = Image.new("RGB", (900, 360), "white")
        ImageDraw.Draw(confusion).text((380, 170), "confusion", "black")
        confusion.save(cell.evaluation_dir / "discriminator.png")
        for condition, name in {"label": "classes", "text": "captions"}.items():
            if condition in CONDITIONAL.get(cell.variant, {}).get("condition", {}):
                grid(drawn[:80], 8, scale=scale).save(cell.samples_dir / f"{name}.png")
        if cell.variant in self.explored:
            explore(cell, drawn)

    def _measured(self, cell: Cell, rng: np.random.Generator) -> None:
        real, fake = rng.uniform(0.5, 1, 2).tolist()
        verdict = {"accuracy": (real + fake) / 2, "true_positive": real, "false_negative": 1 - real,
                   "true_negative": fake, "false_positive": 1 - fake}  # fmt: skip
        verdict = {f"discriminator_{name}_449": value for name, value in verdict.items()}
        metrics = self.metrics(BLUR[cell.variant], float(rng.normal())) | verdict
        origin = "midpoint of the mean scores" if cell.variant.startswith("wgan") else "the objective"
        write_json(cell.evaluation_dir / "record.json", {"discriminator": {"threshold": 0.5, "threshold_from": origin}})
        for condition in CONDITIONAL.get(cell.variant, {}).get("condition", {}):
            metrics |= asked_metrics(condition, BLUR[cell.variant])
        write_json(cell.metrics_path, {"status": "finished"} | metrics)
        if self.moments:
            write_curve(cell, metrics, self.moments, rng)


def asked_metrics(condition: str, worse: float) -> dict[str, float]:
    """Plausible metrics of a generator that is told what to draw."""
    closeness = 1 / (1 + worse / 40)
    if condition == "label":
        return {"condition_accuracy_judge_449": 0.98 * closeness, "intra_fid_judge_449": 9.0 + worse,
                "tstr_accuracy_449": 0.95 * closeness, "trts_accuracy_449": 0.97 * closeness,
                "augmentation_gain_449": 0.05 - worse / 1000}  # fmt: skip
    return {"attribute_accuracy_digit_judge_449": 0.97 * closeness,
            "attribute_accuracy_digit_judge_449_held_out": 0.9 * closeness,
            "matching_auc_449": 0.5 + closeness / 2, "matching_gap_449": 2 * closeness}  # fmt: skip


def explore(cell: Cell, images: np.ndarray) -> None:
    """What the stage `explore` leaves: two experiments that ran and one that was left out."""
    folder = cell.train_dir.with_name("exploration")
    folder.mkdir()
    grid(images[:40], 20).save(folder / "walk.png")
    grid(images[:40], 20).save(folder / "representation.png")
    scores = {"walk_largest_step": 0.16, "representation_pixels": 0.95, "representation_discriminator": 0.98}
    left_out = {"arithmetic": "there are no classes"}
    write_json(folder / "record.json", {"settings": {}, "scores": scores, "left_out": left_out})


def real_images(count: int, resolution: int, channels: int) -> np.ndarray:
    """Scikit-learn's digits, uint8 (N, H, W, C)."""
    from sklearn.datasets import load_digits

    digits = (load_digits().images[:count] * 15.9).astype(np.uint8)
    large = [Image.fromarray(digit).resize((resolution, resolution), Image.Resampling.BICUBIC) for digit in digits]
    images = np.stack([np.asarray(image) for image in large])[..., None]
    if channels == 1:
        return images
    tint = np.random.default_rng(0).uniform(0.3, 1, (count, 1, 1, channels))
    return (images * tint).astype(np.uint8)


def spoilt(images: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Images in another order, with noise."""
    shuffled = rng.permutation(images)
    return np.clip(shuffled + rng.normal(0, amount, images.shape), 0, 255).astype(np.uint8)


def write_history(cell: Cell, rng: np.random.Generator, diverged: bool) -> None:
    iteration = np.arange(50, 1234 if diverged else 3126, 50)
    noise = rng.normal(0, 0.06, (2, len(iteration)))
    table = pd.DataFrame({"iteration": iteration, "images": iteration * 64})
    if cell.variant.startswith("wgan"):
        table["discriminator"] = -3 * np.exp(-iteration / 900) * (1 - np.exp(-iteration / 120)) - 0.3 + noise[0]
        table["generator"] = noise[1]
    else:
        table["discriminator"] = 0.9 + 0.4 * np.exp(-iteration / 600) + noise[0]
        table["generator"] = (-0.9 if cell.variant == "gan" else 1.4) - 0.3 * np.exp(-iteration / 800) + noise[1]
    if diverged:
        table.loc[len(table) - 1, "discriminator"] = np.nan
    table.to_csv(cell.train_dir / "history.csv", index=False)


def write_curve(cell: Cell, metrics: dict[str, float], moments: int, rng: np.random.Generator) -> None:
    """A fall, then for some variants a rise to the final metrics; a WGAN's generator takes a step in five."""
    share = np.arange(1, moments + 1) / moments
    iteration = np.round(3125 * share).astype(int)
    fall = 1 + 3 * np.exp(-5 * share) + rng.normal(0, 0.03, moments)
    table = pd.DataFrame({"iteration": iteration, "images": iteration * 64})
    table["generator_steps"] = iteration // (5 if cell.variant.startswith("wgan") else 1)
    for name in ("fid_judge_449", "precision_judge_449_k5", "recall_judge_449_k5"):
        worse = fall if name.startswith("fid") else 1 / fall
        table[name] = metrics[name] * (worse if cell.variant != "gan" else worse * (0.4 + 0.6 * share))
        table.loc[moments - 1, name] = metrics[name]
    table.to_csv(curve_path(cell), index=False)


def write_course(
    cell: Cell, metric: str, values: list[float], images: list[int], steps: list[int], others: dict | None = None
) -> None:
    """The learning curve of a cell in one metric; `others` stand before it."""
    table = pd.DataFrame({"iteration": steps, "images": images, "generator_steps": steps, **(others or {})})
    table[metric] = values
    table.to_csv(curve_path(cell), index=False)


def write_json(path: Path, values: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
