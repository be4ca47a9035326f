"""The slope of a penalised critic between data and samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ganbench.games.optimizers.adam import Adam
from ganbench.networks.network import Discriminator
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.objectives.slopes import slopes
from ganbench.reporting.style import Theme, colour, panels
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.training import run, scorer, scores_of, train

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CASES = ((0.5, 10.0), (1.0, 10.0), (2.0, 10.0), (1.0, 1.0))
"""Distance θ of the lines and weight λ of the penalty."""
STEPS, BATCH, CHECKED = 400, 128, 4096
UNIT = "Gulrajani et al. 2017, proposition 1: the optimal critic has slope 1 on the lines of transport"
EXACT = "maximiser of θs − λ(s − 1)²: Gulrajani et al. 2017, equation 3, on parallel lines"


@dataclass(frozen=True)
class Trained:
    """A critic between the lines at 0 and θ: its network, mean slope and estimate E[f(data)] − E[f(samples)]."""

    network: Discriminator
    slope: float
    estimate: float


def fit(theta: float, weight: float) -> Trained:
    """Train a critic between two parallel lines under the penalty of weight λ."""

    def lines(count: int) -> tuple[Tensor, Tensor]:
        return torch.stack([torch.zeros(count), torch.rand(count)], 1), torch.stack(
            [torch.full((count,), theta), torch.rand(count)], 1
        )

    network = scorer(2)
    penalty, optimizer = GradientPenalty(weight), Adam(lr=5e-3, betas=(0.5, 0.9))
    run(train(network, Wasserstein(), (penalty,), optimizer, lambda: lines(BATCH), STEPS))
    real, fake = lines(CHECKED)
    between = torch.lerp(real, fake, torch.rand(CHECKED, 1))
    slope = torch.linalg.vector_norm(slopes(network, between), dim=1).mean().item()
    return Trained(network, slope, float(scores_of(network, real).mean() - scores_of(network, fake).mean()))


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """Slope and estimate for several distances and weights; the penalty's own bias is known exactly."""
    trained = {case: fit(*case) for case in CASES}
    statements = []
    for (theta, weight), one in trained.items():
        exact = 1 + theta / (2 * weight)
        where = f"theta_{theta:g}_lambda_{weight:g}".replace(".", "_")
        statements += [
            Statement(f"slope_at_{where}", one.slope, exact, 0.02, f"s = 1 + θ/2λ; {EXACT}"),
            Statement(f"estimate_at_{where}", one.estimate, theta * exact, 0.02 * theta, f"θ(1 + θ/2λ); {EXACT}"),
        ]
    statements.append(Statement("slope_is_about_one", trained[1.0, 10.0].slope, 1.0, 0.1, UNIT))

    def draw(theme: Theme) -> Figure:
        return _draw(theme, trained)

    alt = (
        "Left: level lines of a critic between the data and the samples, evenly spaced. Middle: measured slopes "
        "against the distance of the lines, on the exact curves 1 + θ/2λ. Right: estimates of W1 = θ, on θ(1 + θ/2λ)"
    )
    return Chapter("A slope of one", tuple(statements), (Drawing("slope", alt, draw),))


def _draw(theme: Theme, trained: dict[tuple[float, float], Trained]) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.4, 3.0))
    theta, weight = 1.0, 10.0
    xs, ys = np.linspace(-0.5, 1.5, 81), np.linspace(-0.25, 1.25, 61)
    grid = torch.from_numpy(np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2))
    surface = scores_of(trained[theta, weight].network, grid).numpy().reshape(len(ys), len(xs))
    steps = np.arange(-2, 2, 0.125)
    lines = left.contour(xs, ys, surface - surface.mean(), levels=steps, cmap="viridis", linewidths=1)
    left.clabel(lines, steps[::2].tolist(), fontsize=6.5, fmt="%.2g")
    for x, ink, name in ((0, theme.cycle[0], "data"), (theta, theme.cycle[1], "samples")):
        left.plot([x, x], [0, 1], color=ink, linewidth=3, label=name)
    left.set(title=f"level lines of a critic, λ = {weight:g}", xlabel="x", ylabel="y")
    left.legend(loc="upper right")

    thetas = np.linspace(0, 2.2, 50)
    for index, one in enumerate(sorted({case[1] for case in CASES}, reverse=True)):
        ink, exact = colour(theme, index), 1 + thetas / (2 * one)
        found = {case[0]: critic for case, critic in trained.items() if case[1] == one}
        middle.plot(thetas, exact, color=ink, linewidth=3, alpha=0.35, label=f"1 + θ/2λ, λ = {one:g}")
        right.plot(thetas, thetas * exact, color=ink, linewidth=3, alpha=0.35, label=f"θ(1 + θ/2λ), λ = {one:g}")
        for axis, values in (
            (middle, [critic.slope for critic in found.values()]),
            (right, [critic.estimate for critic in found.values()]),
        ):
            axis.plot(list(found), values, color=ink, marker="o", markersize=5, linestyle="none")
    middle.axhline(1, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)))
    middle.set(title="its slope between them", xlabel="θ, distance of the lines", ylabel="mean ‖∇f‖", ylim=(0.9, 1.7))
    right.plot(thetas, thetas, color=theme.quiet, linewidth=0.8, linestyle=(0, (2, 2)), label="W1 = θ")
    right.set(title="its estimate of W1", xlabel="θ, distance of the lines", ylabel="E f(data) − E f(samples)")
    for axis in (middle, right):
        axis.legend(loc="upper left")
    return figure
