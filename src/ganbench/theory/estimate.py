"""A meter of sample quality: the critic's estimate follows W1 to the data in training, the JS loss does not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from ganbench.data.points.sources.ring import Ring
from ganbench.games.conditions.none import Unconditional
from ganbench.games.generation import generation
from ganbench.games.optimizers.adam import Adam
from ganbench.games.recipe import Recipe
from ganbench.networks.mlp import MLP
from ganbench.networks.network import Generator, PointShape, Shape
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.losses.non_saturating import NonSaturating
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.objectives.objective import Objective
from ganbench.reporting.style import Theme, panels
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.supports import earth_mover
from ganbench.theory.training import play

if TYPE_CHECKING:
    from matplotlib.figure import Figure

START, LIFT = 3.0, 0.3
"""How far the generator begins from the data in the plane, and how far above it stays."""
ROUNDS, EVERY, BATCH, POOL, JUDGED, CRITIC_STEPS = 160, 8, 128, 20_000, 400, 5
SOURCE = "Arjovsky et al. 2017, section 4.2 and figures 3 and 4"


@dataclass(frozen=True)
class Lifted(MLP):
    """The bench's MLPs; the generator makes points of a plane that lies `LIFT` above that of the data."""

    def generator(self, shape: Shape) -> Generator:  # noqa: ARG002, D102
        return LiftedGenerator(super().generator(PointShape(2)))


class LiftedGenerator(Generator):
    """Latent → (x + START, y, LIFT): it can move in its plane and never touches the data."""

    def __init__(self, flat: Generator) -> None:
        super().__init__(flat.latent_dim)
        self.flat = flat

    def forward(self, latent: Tensor) -> Tensor:  # noqa: D102
        moved = self.flat(latent) + torch.tensor([START, 0.0])
        return nn.functional.pad(moved, (0, 1), value=LIFT)


@dataclass(frozen=True)
class Course:
    """A training: rounds, the exact W1 of samples to the data, and what the discriminator's loss says of it."""

    rounds: list[int]
    w1: list[float]
    meter: list[float]

    @property
    def rank_correlation(self) -> float:
        """Spearman's, of the meter with W1."""
        return float(spearmanr(self.meter, self.w1).statistic)


def follow(objective: Objective, constraints: Mapping[str, Constraint], seed: int) -> Course:
    """Train a generator on the ring and read both meters every few rounds, on the same points each time."""
    network = Lifted(width=64, depth=3, latent=2, dropout=0.0, generator_norm="none")
    optimizer = Adam(lr=2e-4, betas=(0.0, 0.9), discriminator_lr=3e-3)
    recipe = Recipe(network, objective, constraints, (), Unconditional(), CRITIC_STEPS, 1, optimizer)
    game = generation(recipe, PointShape(3))
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    ring = torch.from_numpy(Ring().draw(POOL, np.random.default_rng(seed))).float()
    pool = nn.functional.pad(ring, (0, 1))
    held_out, latent = pool[:JUDGED], torch.randn(JUDGED, 2)
    course = Course([], [], [])
    for turn in play(game, optimizer, lambda: pool[torch.randint(JUDGED, POOL, (BATCH,))], ROUNDS):
        if turn % EVERY == 0:
            with torch.no_grad():
                samples = generator(latent)
                loss = float(objective.discriminator(discriminator(held_out), discriminator(samples)))
            course.rounds.append(turn)
            course.w1.append(earth_mover(held_out.double().numpy(), samples.double().numpy()))
            course.meter.append(-loss if objective.threshold is None else math.log(2) - loss / 2)
    return course


def chapter(seed: int) -> Chapter:
    """Two games that differ in the objective and its constraint alone."""
    critic = follow(Wasserstein(), {"gradient_penalty": GradientPenalty(10.0)}, seed)
    jensen = follow(NonSaturating(), {}, seed)
    stuck = max(jensen.meter, key=lambda one: abs(one - math.log(2)))
    statements = (
        Statement(
            "critic_rank_correlation_with_w1", critic.rank_correlation, 1.0, 0.15, f"{SOURCE}: the loss tells quality"
        ),
        Statement(
            "jsd_estimate_in_training",
            stuck,
            math.log(2),
            0.05,
            "its value farthest from log 2: JSD = log 2 on disjoint supports; Arjovsky and Bottou 2017, theorem 2.3",
        ),
        Statement(
            "jsd_rank_correlation_with_w1",
            jensen.rank_correlation,
            0.0,
            0.2,
            f"{SOURCE}: the JS loss does not; it does not even rise with W1",
            "≤",
        ),
        Statement(
            "w1_falls_under_the_js_loss", jensen.w1[-1] / jensen.w1[0], 0.5, 0.1, "and yet the samples get better", "≤"
        ),
    )

    def draw(theme: Theme) -> Figure:
        return _draw(theme, critic, jensen)

    alt = (
        "Left: exact W1 and the critic's estimate fall together in training. Middle: under the JS loss W1 falls too, "
        "while the discriminator's estimate stays at log 2. Right: both meters against W1"
    )
    return Chapter("A loss that tells the quality", statements, (Drawing("estimate", alt, draw),))


def _draw(theme: Theme, critic: Course, jensen: Course) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.2, 2.8))
    for axis, course, ink, title, name in (
        (left, critic, theme.cycle[0], "WGAN with gradient penalty", "critic's estimate"),
        (middle, jensen, theme.cycle[5], "non-saturating GAN", "log 2 − loss / 2"),
    ):
        axis.plot(course.rounds, course.w1, color=theme.ink, linewidth=3, alpha=0.35, label="exact W1")
        axis.plot(course.rounds, course.meter, color=ink, marker="o", markersize=3, label=name)
        axis.set(title=title, xlabel="rounds", ylabel="units of length; nats", ylim=(0, None))
        axis.legend(loc="lower left")
        right.plot(
            course.w1,
            course.meter,
            color=ink,
            marker="o",
            markersize=4,
            linestyle="none",
            label=f"{name}, ρ = {course.rank_correlation:.2f}",
        )
    top = max(critic.w1)
    right.plot([0, top], [0, top], color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    right.set(title="what the loss says of the samples", xlabel="exact W1 to the data", ylabel="estimate")
    right.legend(loc="upper left")
    return figure
