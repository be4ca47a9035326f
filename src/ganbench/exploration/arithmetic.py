"""Vector arithmetic on latents (Radford et al. 2016, section 6.3.2 and figure 7).

The paper's «smiling woman − neutral woman + neutral man = smiling man», with concepts that can be scored: the judge's
class, and heavy or light strokes. ``heavy a − light a + light b`` should be a heavy b.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.exploration.sheet import Sheet
from ganbench.exploration.subject import Images, LeftOutError, Seen, Subject

STREAM = 2
EXAMPLES = 3
"""Latents a concept, averaged: those of a single one were unstable in the paper."""

CONFIDENT = 0.9
LEAST = 8
"""Heavy images, and light ones, that a class needs to take part."""

REPEATS = 4
"""Trials an ordered pair of classes."""

SHOWN = 8
NEIGHBOURS, AROUND = 2, 0.25
"""Results of figure 7 beside the exact one: uniform noise of ± 0.25 on the latent."""

Draw = Callable[[Tensor], Images]


@dataclass(frozen=True)
class Concept:
    """What is known of a class among samples that the judge is sure of.

    Attributes:
        heavy: rows of the quarter with the most ink.
        light: rows of the quarter with the least.
        median: ink of the median; above it a result counts as heavy.
    """

    heavy: NDArray[np.int64]
    light: NDArray[np.int64]
    median: float


@dataclass(frozen=True)
class Trial:
    """``heavy a − light a + light b``: rows of three examples each."""

    a: int
    b: int
    heavy_a: NDArray[np.int64]
    light_a: NDArray[np.int64]
    light_b: NDArray[np.int64]


def run(subject: Subject, folder: Path) -> dict[str, float]:
    """Score every pair of classes; write ``arithmetic.png``.

    Returns:
        ``arithmetic_<way>``: the share of trials whose result is a heavy b, for each of `ways`, and of random samples
        («chance»); ``…_class``: that the judge calls b; ``…_heavy``: with more ink than the median b.

    Raises:
        LeftOutError: there are no labels, or fewer than two classes among the samples.
    """
    names = subject.classes
    latents = subject.latents(subject.settings.samples, STREAM)
    samples = subject.draw(latents)
    seen = subject.look(samples)
    concepts = find_concepts(seen)
    if len(concepts) < 2:
        raise LeftOutError(
            f"{len(concepts)} of the judge's classes with {LEAST} heavy and {LEAST} light images among "
            f"{subject.settings.samples} samples; arithmetic needs two"
        )
    trials = plan(concepts, subject.settings.seed)
    results = ways(subject.draw, latents, samples, trials, subject.settings.seed)
    values = {"arithmetic_classes": float(len(concepts))}
    for name, images in results.items():
        values |= score(f"arithmetic_{name}", subject.look(images), trials, concepts)
    _picture(subject, names, latents, samples, trials, results, folder / "arithmetic.png")
    return values | chance(seen, concepts)


def find_concepts(seen: Seen) -> dict[int, Concept]:
    """The classes that take part: enough samples of which the judge is sure, split by their ink."""
    concepts = {}
    for label in np.unique(seen.labels):
        rows = np.flatnonzero((seen.labels == label) & (seen.confidence >= CONFIDENT))
        quarter = len(rows) // 4
        if quarter >= LEAST:
            rows = rows[np.argsort(seen.ink[rows], kind="stable")]
            concepts[int(label)] = Concept(rows[-quarter:], rows[:quarter], float(np.median(seen.ink[rows])))
    return concepts


def plan(concepts: dict[int, Concept], seed: int) -> list[Trial]:
    """All ordered pairs of different classes, several times, with examples drawn for each trial."""
    random = np.random.default_rng([seed, STREAM])

    def three(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return random.choice(rows, EXAMPLES, replace=False)

    return [
        Trial(a, b, three(concepts[a].heavy), three(concepts[a].light), three(concepts[b].light))
        for _ in range(REPEATS)
        for a, b in itertools.permutations(concepts, 2)
    ]


def ways(draw: Draw, latents: Tensor, samples: Images, trials: list[Trial], seed: int) -> dict[str, Images]:
    """What comes out of each trial, in each way, uint8 (T, H, W, C).

    ``mean_of_three`` latents a concept, as published; a ``single`` latent a concept; a ``random_direction`` as long as
    heavy a − light a, added to the mean of light b; ``unchanged``, the mean of light b alone; the mean ``pixels`` of
    the same examples, added and subtracted.
    """
    heavy_a, light_a, light_b = (
        np.stack([getattr(trial, part) for trial in trials]) for part in ("heavy_a", "light_a", "light_b")
    )
    random = torch.Generator().manual_seed(seed * 1000 + STREAM)
    direction = latents[heavy_a].mean(1) - latents[light_a].mean(1)
    start = latents[light_b].mean(1)
    other = torch.randn(direction.shape, generator=random)
    other *= direction.norm(dim=1, keepdim=True) / other.norm(dim=1, keepdim=True)
    pixels = samples.astype(np.float64)
    mixed = pixels[heavy_a].mean(1) - pixels[light_a].mean(1) + pixels[light_b].mean(1)
    return {
        "mean_of_three": draw(start + direction),
        "single": draw(latents[heavy_a[:, 0]] - latents[light_a[:, 0]] + latents[light_b[:, 0]]),
        "random_direction": draw(start + other),
        "unchanged": draw(start),
        "pixels": mixed.round().clip(0, 255).astype(np.uint8),
    }


def score(name: str, seen: Seen, trials: list[Trial], concepts: dict[int, Concept]) -> dict[str, float]:
    """The shares of trials that came out as wanted: in both respects, and in each."""
    kept = seen.labels == np.array([trial.b for trial in trials])
    heavy = seen.ink > np.array([concepts[trial.b].median for trial in trials])
    return _shares(name, kept, heavy)


def chance(seen: Seen, concepts: dict[int, Concept]) -> dict[str, float]:
    """The same shares where any sample is the result, for each b as often."""
    kept = np.concatenate([seen.labels == b for b in concepts])
    heavy = np.concatenate([seen.ink > concept.median for concept in concepts.values()])
    return _shares("arithmetic_chance", kept, heavy)


def _shares(name: str, kept: NDArray[np.bool_], heavy: NDArray[np.bool_]) -> dict[str, float]:
    both = float((kept & heavy).mean())
    return {name: both, f"{name}_class": float(kept.mean()), f"{name}_heavy": float(heavy.mean())}


def _picture(
    subject: Subject,
    names: list[str],
    latents: Tensor,
    samples: Images,
    trials: list[Trial],
    results: dict[str, Images],
    path: Path,
) -> None:
    """The first trial of some classes, as in figure 7: examples and mean of each concept, then the results."""
    rows = list(_one_each(trials))[:SHOWN]
    random = torch.Generator().manual_seed(subject.settings.seed * 1000 + STREAM)
    sheet = Sheet(f"{subject.cell}: arithmetic on latents, three examples and their mean a concept", target=32)
    headings = ["heavy a", "", "", "mean", "", "light a", "", "", "mean", "", "light b", "", "", "mean", ""]
    for column, heading in enumerate([*headings, "heavy b?", "", "", "one", "pixels"]):
        if heading:
            sheet.heading(column, heading)
    for row, number in enumerate(rows):
        trial = trials[number]
        parts = [trial.heavy_a, trial.light_a, trial.light_b]
        means = torch.stack([latents[part].mean(0) for part in parts])
        result = means[0] - means[1] + means[2]
        noise = (2 * torch.rand(NEIGHBOURS, len(result), generator=random) - 1) * AROUND
        drawn = list(subject.draw(torch.cat([means, result + noise])))
        cells: list[NDArray[np.uint8] | str | None] = []
        for part, mean, sign in zip(parts, drawn, "−+=", strict=False):
            cells += [*samples[part], mean, sign]
        centre = results["mean_of_three"][number]
        sheet.row(
            f"a = {names[trial.a]}, b = {names[trial.b]}",
            [*cells, centre, *drawn[3:], results["single"][number], results["pixels"][number]],
        )
        sheet.outline(row, len(cells))
    sheet.save(path)


def _one_each(trials: list[Trial]) -> Iterator[int]:
    """The first trial of each b, with an a that changes as far as it can."""
    used: set[int] = set()
    for b in dict.fromkeys(trial.b for trial in trials):
        of_b = [number for number, trial in enumerate(trials) if trial.b == b]
        number = next((number for number in of_b if trials[number].a not in used), of_b[0])
        used.add(trials[number].a)
        yield number
