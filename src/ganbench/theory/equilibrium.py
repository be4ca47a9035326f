"""Where the game converges: D is ½ everywhere, and the confusion matrix is that of a coin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance
from torch import Tensor

from ganbench.evaluation.metric import Scores
from ganbench.evaluation.metrics.discrimination import Verdict, verdict
from ganbench.games.conditions.none import Unconditional
from ganbench.games.generation import generation
from ganbench.games.optimizers.adam import Adam
from ganbench.games.recipe import Recipe
from ganbench.networks.mlp import MLP
from ganbench.networks.network import PointShape
from ganbench.objectives.constraints.r1 import R1
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.losses.non_saturating import NonSaturating
from ganbench.reporting.style import Theme, colour, panels
from ganbench.theory.quadrature import Mixture
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.training import play

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DATA = Mixture((-1.2, 1.2), (0.6, 0.6), (0.5, 0.5))
START = 3.0
ROUNDS, EVERY, BATCH, JUDGED, GAMMA = 800, 40, 256, 8192, 0.1
SHOWN = (0, 80, 800)
DIRAC_GAMMA = 0.6
DIRAC_DRAWN = (0.0, 0.2, 0.4, DIRAC_GAMMA, 0.8)
DIRAC = "Mescheder et al. 2018, lemmas 2.3 and 3.2: eigenvalues of the Dirac-GAN, −γ/2 ± √(γ²/4 − f′(0)²), f′(0) = ½"

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """A game after some rounds: D at the points of `axis`, samples, the confusion, and means over data and samples."""

    turn: int
    surface: Array
    samples: Array
    confusion: Verdict
    doubt: float
    loss: float
    w1: float


def eigenvalues(gamma: float) -> NDArray[np.complex128]:
    """Of the Dirac-GAN's gradient field at its equilibrium, by the bench's minimax loss and R1 of weight γ.

    The data stand at 0, the generator at θ, D(x) = sigmoid(ψx); both players descend their losses.
    """
    objective, penalty = Minimax(), R1(gamma) if gamma else None
    origin = torch.zeros(1, 1, dtype=torch.float64)

    def field(at: Tensor) -> Tensor:
        def discriminator(psi: Tensor) -> Tensor:
            def score(x: Tensor) -> Tensor:
                return (psi * x).squeeze(1)

            fake = at[0].detach() * torch.ones(1, 1, dtype=torch.float64)
            loss = objective.discriminator(score(origin), score(at[0] * torch.ones_like(fake)))
            return loss if penalty is None else loss + penalty.penalty(score, origin, fake)

        def generator(theta: Tensor) -> Tensor:
            return objective.generator((at[1] * theta).reshape(1))

        return -torch.stack([torch.func.grad(generator)(at[0]), torch.func.grad(discriminator)(at[1])])

    jacobian = torch.func.jacrev(field)(torch.zeros(2, dtype=torch.float64))
    values = np.linalg.eigvals(jacobian.numpy())
    return np.asarray(values[np.argsort(values.imag)], np.complex128)


def follow() -> list[Moment]:
    """Train a generator of one dimension that starts beside the data."""
    network = MLP(width=32, depth=2, latent=1, dropout=0.0, generator_norm="none")
    optimizer = Adam(lr=1e-3, betas=(0.0, 0.9), discriminator_lr=3e-3)
    recipe = Recipe(network, NonSaturating(), {"r1": R1(GAMMA)}, (), Unconditional(), 1, 1, optimizer)
    game = generation(recipe, PointShape(1))
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    with torch.no_grad():
        list(generator.parameters())[-1].add_(START)
    objective, points = recipe.objective, torch.linspace(-4, 5, 181)[:, None]

    @torch.no_grad()
    def look(turn: int) -> Moment:
        held_out, train = DATA.sample(JUDGED)[:, None], DATA.sample(JUDGED)[:, None]
        fake = generator(torch.randn(2 * JUDGED, 1))
        on_real, on_fake = discriminator(held_out), discriminator(fake)
        scores = [one.double().numpy() for one in (discriminator(train), on_real, on_fake)]
        doubt = (torch.cat([on_real, on_fake[:JUDGED]]).sigmoid() - 0.5).abs().mean()
        return Moment(
            turn,
            discriminator(points).sigmoid().double().numpy(),
            fake[:, 0].double().numpy(),
            verdict(Scores(train=scores[0], held_out=scores[1], generated=scores[2], threshold=objective.threshold)),
            float(doubt),
            float(objective.discriminator(on_real, on_fake)),
            float(wasserstein_distance(held_out[:, 0].numpy(), fake[:, 0].numpy())),
        )

    moments = [look(0)]
    for turn in play(game, optimizer, lambda: DATA.sample(BATCH)[:, None], ROUNDS):
        if turn % EVERY == 0:
            moments.append(look(turn))
    return moments


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """The simplest game's eigenvalues, without and with R1, then a game that converges."""
    free, damped = eigenvalues(0.0)[-1], eigenvalues(DIRAC_GAMMA)[-1]
    exact = math.sqrt(0.25 - DIRAC_GAMMA**2 / 4)
    moments = follow()
    last = moments[-1]
    late = [moment for moment in moments if moment.turn > ROUNDS / 2]
    accuracy = sum(moment.confusion.accuracy for moment in late) / len(late)
    half = "Goodfellow et al. 2014, theorem 1: p = q and D = ½"
    statements = (
        Statement("dirac_gan_rate_without_penalty", float(free.real), 0.0, 1e-6, DIRAC),
        Statement("dirac_gan_frequency_without_penalty", float(free.imag), 0.5, 1e-6, DIRAC),
        Statement("dirac_gan_rate_with_r1", float(damped.real), -DIRAC_GAMMA / 2, 1e-6, DIRAC),
        Statement("dirac_gan_frequency_with_r1", float(damped.imag), exact, 1e-6, DIRAC),
        Statement("discriminator_from_one_half", last.doubt, 0.0, 0.06, f"E|D − ½|; {half}"),
        Statement("discriminator_loss_at_the_end", last.loss, 2 * math.log(2), 0.05, f"−V = 2 log 2; {half}"),
        Statement("discriminator_accuracy_at_the_end", accuracy, 0.5, 0.1, f"a coin's confusion, second half; {half}"),
        Statement(
            "w1_at_the_end_of_the_game",
            last.w1,
            0.0,
            0.35,
            f"from {moments[0].w1:.2f} at the start; one of the two modes alone is at 1.2; {half}",
        ),
    )

    def draw(theme: Theme) -> Figure:
        return _draw(theme, moments)

    alt = (
        "Three moments of a training: the data, the samples and D, which ends flat at one half. "
        "Then the shares of real points called real and of samples called generated, which meet near one half; the "
        "last confusion matrix; and the Dirac-GAN's eigenvalues, which R1 moves from the imaginary axis to the left"
    )
    return Chapter("Convergence", statements, (Drawing("equilibrium", alt, draw),))


def _draw(theme: Theme, moments: list[Moment]) -> Figure:
    figure, axes = panels(6, 3, (3.2, 2.7))
    x = torch.linspace(-4, 5, 181, dtype=torch.float64)
    shown = [moment for moment in moments if moment.turn in SHOWN]
    for axis, moment in zip(axes[:3], shown, strict=True):
        axis.fill_between(x, DATA.density(x), color=theme.cycle[0], alpha=0.3, linewidth=0, label="data")
        bins = np.linspace(-4, 5, 61).tolist()
        axis.hist(moment.samples, bins, density=True, color=theme.cycle[1], alpha=0.45, label="samples")
        axis.plot(x, moment.surface, color=theme.cycle[5], label="D(x)")
        axis.axhline(0.5, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
        axis.set(title=f"round {moment.turn}", xlabel="x", ylim=(0, 1.02), xlim=(-4, 5))
    axes[0].set_ylabel("density, probability")
    axes[0].legend(loc="upper left", fontsize=7)

    turns = [moment.turn for moment in moments]
    for share, ink, name in (
        ("true_positive", theme.cycle[0], "real called real"),
        ("true_negative", theme.cycle[1], "generated called so"),
    ):
        axes[3].plot(
            turns, [getattr(moment.confusion, share) for moment in moments], color=ink, linewidth=1, label=name
        )
    axes[3].plot(turns, [moment.confusion.accuracy for moment in moments], color=theme.ink, label="accuracy")
    axes[3].axhline(0.5, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    axes[3].set(title="the confusion", xlabel="rounds", ylabel="share", ylim=(0, 1.3), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes[3].legend(loc="upper right", fontsize=7)

    last = moments[-1].confusion
    table = [[last.true_positive, last.false_negative], [last.false_positive, last.true_negative]]
    axes[4].imshow(table, cmap="Blues", vmin=0, vmax=1)
    for row, shares in enumerate(table):
        for column, share_of in enumerate(shares):
            axes[4].text(
                column, row, f"{share_of:.2f}", ha="center", va="center", color="white" if share_of > 0.5 else "black"
            )
    axes[4].set_xticks([0, 1], ["called real", "generated"])
    axes[4].set_yticks([0, 1], ["real", "generated"], rotation=90, va="center")
    axes[4].set_title(f"round {moments[-1].turn}")
    axes[4].grid(visible=False)
    _plane(axes[5], theme)
    return figure


def _plane(axis: Axes, theme: Theme) -> None:
    """The Dirac-GAN's eigenvalues for several γ, on the half circle −γ/2 ± i√(¼ − γ²/4)."""
    angles = np.linspace(np.pi / 2, 3 * np.pi / 2, 100)
    axis.plot(0.5 * np.cos(angles), 0.5 * np.sin(angles), color=theme.ink, linewidth=3, alpha=0.35, label="exact")
    axis.axvline(0, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    for index, gamma in enumerate(DIRAC_DRAWN):
        found = eigenvalues(gamma)
        axis.plot(
            found.real, found.imag, color=colour(theme, index), marker="o", linestyle="none", label=f"γ = {gamma:g}"
        )
    axis.set(
        title="Dirac-GAN under R1",
        xlabel="rate, Re λ",
        ylabel="frequency, Im λ",
        xlim=(-0.6, 0.6),
        ylim=(-0.6, 0.6),
        aspect="equal",
    )
    axis.legend(loc="center right", fontsize=7)
