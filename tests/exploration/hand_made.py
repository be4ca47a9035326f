"""Generators, a judge and a cell whose behaviour is known, made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from ganbench.cell import Cell
from ganbench.data.store import Store
from ganbench.evaluation.judge import Card, Judge
from ganbench.exploration.ink import Ink
from ganbench.exploration.subject import Subject
from ganbench.networks.network import Discriminator, Generator
from ganbench.params import Explore

CPU = torch.device("cpu")
CELL = Cell("images", "dcgan", 0)
SIDE = 16


class Rings(Generator):
    """Always a bar at the bottom and, where z₀ > 0, a ring at a place that z₁ says: map 0 cuts its hole into a disc.

    Map 1 is the background. Image = 1 − 2 · map 0 − 2 · map 1.
    """

    def __init__(self) -> None:
        super().__init__(2)
        self.lower = nn.Conv2d(2, 2, 1, bias=False)
        self.upper = nn.Conv2d(2, 1, 1)
        with torch.no_grad():
            self.lower.weight.copy_(torch.eye(2)[:, :, None, None])
            self.upper.weight.fill_(-2)
            self.upper.bias.fill_(1)

    def forward(self, latent: Tensor) -> Tensor:
        maps = torch.zeros(len(latent), 2, SIDE, SIDE, device=latent.device)
        maps[:, 1] = 1
        maps[:, 1, 13:15, 2:14] = 0
        for row, (is_there, place) in enumerate(latent.tolist()):
            if is_there > 0:
                top, left = corner(place)
                maps[row, 1, top - 1 : top + 5, left - 1 : left + 5] = 0
                maps[row, 0, top : top + 4, left : left + 4] = 1
        images: Tensor = self.upper(self.lower(maps))
        return images


def corner(place: float) -> tuple[int, int]:
    """Top and left of the hole, 4 × 4."""
    return 2 + int(place > 0) * 4, 4 + int(abs(place) > 0.7) * 4


class Linear(Generator):
    """Image = −1 + A (z + shift): three squares for as many classes, and a bar that is the ink."""

    def __init__(self) -> None:
        super().__init__(4)
        self.convolution = nn.ConvTranspose2d(4, 1, SIDE)
        with torch.no_grad():
            self.convolution.weight.zero_()
            for square in range(3):
                self.convolution.weight[square, 0, 4 * square : 4 * square + 3, 0:3] = 0.2
            self.convolution.weight[3, 0, :, 8:] = 0.2
            self.convolution.bias.zero_()

    def forward(self, latent: Tensor) -> Tensor:
        images: Tensor = self.convolution(latent[:, :, None, None])
        return images


class ReadsSquares(nn.Module):
    """The features are the pixels; the class is the square that is brightest."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(SIDE * SIDE, 3, bias=False)
        with torch.no_grad():
            weights = torch.zeros(3, SIDE, SIDE)
            for square in range(3):
                weights[square, 4 * square : 4 * square + 3, 0:3] = 5
            self.head.weight.copy_(weights.flatten(1))

    def features(self, images: Tensor) -> Tensor:
        return images.flatten(1)


def judge(task: str = "classes") -> Judge:
    names = ["a", "b", "c"] if task == "classes" else ["0°", "90°", "180°"]
    return Judge(ReadsSquares(), Card(task, names, SIDE, 1, 1, 0, 1.0, 0.0), "0" * 16)


def subject(generator: Generator, store: Path, task: str = "classes", **settings: int) -> Subject:
    torch.manual_seed(0)
    discriminators = [Discriminator(nn.Sequential(nn.Conv2d(1, 3, 4, 4), nn.ReLU(), nn.Flatten()), 48) for _ in "ab"]
    opened, explored = Store.open(store), Explore(**settings)
    ink = Ink.of(opened.images("train") * 0)
    return Subject(CELL, generator.eval(), *discriminators, 1, judge(task), opened, CPU, explored, ink)


def scores_of(path: Path) -> dict[str, float]:
    values: dict[str, float] = json.loads(path.read_text())
    return values
