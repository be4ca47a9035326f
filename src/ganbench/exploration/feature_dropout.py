"""Feature dropout (Radford et al. 2016, section 6.3.1 and figure 6): does the generator forget a thing?

The paper dropped the maps of windows from a generator of bedrooms, by boxes that a person had drawn. Here the things
are areas that ink encloses (`ink.enclosed`), such as the holes of 0, 6, 8 and 9, and their boxes come from that rule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganbench.exploration.ink import Box, Ink, enclosed
from ganbench.exploration.layers import highest, maps_below, without
from ganbench.exploration.sheet import Sheet
from ganbench.exploration.subject import Images, LeftOutError, Subject

STREAM = 3
LEAST = 20
"""Boxes needed in each half of the samples."""

CONTROLS = 19
"""Random choices of as many maps: the best of all is one in twenty."""

MEASURED = 400
"""Images on which the effect is measured, at most."""

SHOWN = 14


@dataclass(frozen=True)
class Effect:
    """What dropping maps does to images with boxes.

    Attributes:
        kept: share of the boxes in which something is still enclosed.
        ink_inside: change of the mean ink inside the boxes, -1 … 1: a hole that is filled gains ink.
        ink_outside: likewise outside.
        change_inside: mean absolute change of a pixel inside the boxes, of the full range.
        change_outside: likewise outside.
    """

    kept: float
    ink_inside: float
    ink_outside: float
    change_inside: float
    change_outside: float


def run(subject: Subject, folder: Path) -> dict[str, float]:
    """Drop the maps that go with enclosed areas; write ``feature_dropout.png``.

    The regression sees the boxes of one half of the samples; the effect is measured on the other.

    Returns:
        ``feature_dropout_maps`` of ``…_maps_of`` dropped; ``…_accuracy`` of the regression on the other half (½ is a
        guess); the five of `Effect`, ``…_label_kept`` by the judge, and each as ``…_random``, the mean over choices of
        as many maps at random; ``…_p``: the share of choices, this one included, that keep as few.

    Raises:
        LeftOutError: too few enclosed areas, no maps below the highest convolution, or none with a positive weight.
    """
    layer = highest(subject.generator)
    latents = subject.latents(subject.settings.samples, STREAM)
    half = len(latents) // 2
    drawn = subject.draw(latents)
    boxes = enclosed(subject.ink.density(drawn))
    known = [box for box in boxes if box.image < half]
    fresh = [box for box in boxes if box.image >= half]
    if min(len(known), len(fresh)) < LEAST:
        raise LeftOutError(
            f"{len(boxes)} enclosed areas in {len(latents)} samples; the regression needs {LEAST} in each half"
        )
    random = np.random.default_rng([subject.settings.seed, STREAM])
    maps = maps_below(subject.generator, layer, latents)
    weights, accuracy = fit(
        cells(maps, known, random, subject.resolution), cells(maps, fresh, random, subject.resolution)
    )
    dropped = torch.from_numpy(weights > 0)
    if not dropped.any():
        raise LeftOutError("no map has a positive weight")
    images = sorted({box.image for box in fresh})[:MEASURED]
    place = {image: row for row, image in enumerate(images)}
    fresh = [replace(box, image=place[box.image]) for box in fresh if box.image in place]
    before, chosen = drawn[images], latents[images]
    after = _without(subject, layer, dropped, chosen)
    values = {
        "maps": float(dropped.sum()),
        "maps_of": float(len(dropped)),
        "accuracy": accuracy,
        **_measured(subject, before, after, fresh),
    }
    controls = [_without(subject, layer, _shuffled(dropped, random), chosen) for _ in range(CONTROLS)]
    measured = [_measured(subject, before, control, fresh) for control in controls]
    values |= {f"{name}_random": float(np.mean([one[name] for one in measured])) for name in measured[0]}
    as_few = sum(one["kept"] <= values["kept"] for one in measured)
    values["p"] = (1 + as_few) / (1 + CONTROLS)
    _picture(subject, before, after, controls[0], fresh, folder / "feature_dropout.png")
    return {f"feature_dropout_{name}": value for name, value in values.items()}


def cells(
    maps: Tensor, boxes: list[Box], random: np.random.Generator, resolution: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Activations at single places, (n, K), and whether each place lies inside a box, (n,).

    All places inside boxes, and as many places drawn from the rest of the same image, if it has as many.

    Args:
        maps: (N, K, h, h).
        boxes: of things in the N images.
        random: draws the places outside.
        resolution: of the images.
    """
    side = maps.shape[2]
    inside = {image: np.zeros((side, side), bool) for image in sorted({box.image for box in boxes})}
    for box in boxes:
        inside[box.image] |= box.inside(side, resolution)
    found: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.bool_]] = []
    for image, mask in inside.items():
        values = maps[image].numpy().reshape(maps.shape[1], -1).T
        outside = np.flatnonzero(~mask)
        negative = random.choice(outside, min(len(outside), int(mask.sum())), replace=False)
        found += [values[mask.ravel()], values[negative]]
        labels += [np.ones(int(mask.sum()), bool), np.zeros(len(negative), bool)]
    return np.concatenate(found), np.concatenate(labels)


def fit(
    known: tuple[NDArray[np.float32], NDArray[np.bool_]], fresh: tuple[NDArray[np.float32], NDArray[np.bool_]]
) -> tuple[NDArray[np.float64], float]:
    """The weights (K,) of a logistic regression, inside against outside, and its accuracy on fresh places.

    Maps are scaled to unit variance: the regression's penalty treats all of them alike, and signs stay.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(known[0].astype(np.float64), known[1])
    return model[-1].coef_[0], float(model.score(fresh[0].astype(np.float64), fresh[1]))


def effect(before: Images, after: Images, boxes: list[Box], ink: Ink) -> Effect:
    """Compare images (N, H, W, C), all of which have boxes, with what is drawn from the same latents without maps."""
    inside = np.zeros(before.shape[:3], bool)
    for box in boxes:
        inside[box.image, box.top : box.bottom, box.left : box.right] = True
    was, is_ = ink.density(before), ink.density(after)
    change = np.abs(after.astype(np.float64) - before).mean(-1) / 255
    left = enclosed(is_)
    kept = np.mean([any(box.meets(other) for other in left) for box in boxes])
    return Effect(
        float(kept),
        float((is_ - was)[inside].mean()),
        float((is_ - was)[~inside].mean()),
        float(change[inside].mean()),
        float(change[~inside].mean()),
    )


def _measured(subject: Subject, before: Images, after: Images, boxes: list[Box]) -> dict[str, float]:
    values = {name: float(value) for name, value in vars(effect(before, after, boxes, subject.ink)).items()}
    if subject.judge.card.task == "classes":
        same = subject.look(before).labels == subject.look(after).labels
        values["label_kept"] = float(same.mean())
    return values


def _without(subject: Subject, layer: nn.Module, dropped: Tensor, latents: Tensor) -> Images:
    with without(layer, dropped):
        return subject.draw(latents)


def _shuffled(dropped: Tensor, random: np.random.Generator) -> Tensor:
    return dropped[torch.from_numpy(random.permutation(len(dropped)))]


def _picture(subject: Subject, before: Images, after: Images, control: Images, boxes: list[Box], path: Path) -> None:
    """Images with their boxes, the same without the maps, and without as many random ones."""
    sheet = Sheet(f"{subject.cell}: the maps that go with enclosed areas (framed) are dropped")
    for row, (label, images) in enumerate({"as drawn": before, "maps dropped": after, "random maps": control}.items()):
        sheet.row(label, list(images[:SHOWN]))
        for box in boxes:
            if box.image < SHOWN:
                sheet.outline(row, box.image, box)
    sheet.save(path)
