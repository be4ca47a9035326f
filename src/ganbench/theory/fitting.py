"""One Gaussian fitted to a mixture by the f-GAN game, against the best Gaussian by quadrature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from scipy.optimize import minimize
from torch import Tensor, nn

from ganbench.games.optimizers.adam import Adam
from ganbench.objectives.divergences import DIVERGENCES
from ganbench.objectives.losses.f_gan import FGAN
from ganbench.reporting.style import Theme, colour, panels
from ganbench.theory.beside import beside
from ganbench.theory.quadrature import LINE, Mixture, normal
from ganbench.theory.statement import Chapter, Drawing, Statement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATA = Mixture((-1.5, 0.5), (0.4, 1.5), (0.4, 0.6))
START = (0.8, 1.2)
"""Mean and deviation that all games begin with: near the data's, where all eight divergences are finite."""
ROUNDS, STEPS, BATCH, WIDTH = 250, 4, 250, 32
SETTLE = 0.6
TOLERANCE = 0.03
SOURCE = "Nowozin et al. 2016, section 2.4 and table 2"


@dataclass(frozen=True)
class Fit:
    """A Gaussian and how far the data are from it."""

    mean: float
    deviation: float
    divergence: float


class Scores(nn.Module):
    """Independent networks side by side, one a divergence: points (K, N) → scores (K, N); two hidden tanh layers."""

    def __init__(self, networks: int, width: int) -> None:
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for wide_in, wide_out in ((1, width), (width, width), (width, 1)):
            bound = wide_in**-0.5  # as nn.Linear
            self.weights.append(torch.empty(networks, wide_in, wide_out).uniform_(-bound, bound))
            self.biases.append(torch.empty(networks, 1, wide_out).uniform_(-bound, bound))

    def forward(self, points: Tensor) -> Tensor:  # noqa: D102
        values = points[..., None]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = torch.baddbmm(bias, values, weight).tanh()
        return torch.baddbmm(self.biases[-1], values, self.weights[-1])[..., 0]


def divergence(name: str, p: Mixture, q: Mixture) -> float:
    """D_f(P‖Q) = ∫ q f(p/q), by quadrature."""
    log_p, log_q = p.log_density(LINE.nodes), q.log_density(LINE.nodes)
    return LINE.integrate(log_q.exp() * DIVERGENCES[name].f((log_p - log_q).exp()))


def best(name: str) -> Fit:
    """The Gaussian that minimises D_f(data‖Gaussian)."""

    def distance(at: tuple[float, float]) -> float:
        return divergence(name, DATA, normal(at[0], math.exp(at[1])))

    found = minimize(
        distance, (START[0], math.log(START[1])), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12}
    )
    return Fit(float(found.x[0]), math.exp(found.x[1]), float(found.fun))


def play() -> dict[str, Fit]:
    """The game under every divergence at once: `STEPS` of the discriminator, then one of the Gaussian.

    The points of a batch are stratified (one from each of N equally likely slices), so that what is left of the
    sampling noise is small beside the networks' own error.
    """
    objectives = [FGAN(name) for name in DIVERGENCES]  # type: ignore[arg-type]
    scores = Scores(len(objectives), WIDTH)
    gaussian = nn.Parameter(torch.tensor([START[0], math.log(START[1])]).repeat(len(objectives), 1))
    players = [Adam(lr=5e-3, betas=(0.5, 0.99)), Adam(lr=1e-2, betas=(0.5, 0.9))]
    built = [player.build(w, player.lr) for player, w in zip(players, (scores.parameters(), [gaussian]), strict=True)]
    for turn in range(ROUNDS):
        for player, optimizer in zip(players, built, strict=True):
            optimizer.param_groups[0]["lr"] = player.lr * min(1.0, (1 - turn / ROUNDS) / SETTLE)
        for _ in range(STEPS):
            real = scores(_data(BATCH).expand(len(objectives), -1))
            fake = scores(_generate(gaussian.detach()))
            losses = [one.discriminator(real[k], fake[k]) for k, one in enumerate(objectives)]
            _step(built[0], torch.stack(losses).sum())
        fake = scores(_generate(gaussian))
        _step(built[1], torch.stack([one.generator(fake[k]) for k, one in enumerate(objectives)]).sum())
    with torch.no_grad():
        real, fake = scores(_data(20 * BATCH).expand(len(objectives), -1)), scores(_generate(gaussian, 20 * BATCH))
    fits = {}
    for k, (name, one) in enumerate(zip(DIVERGENCES, objectives, strict=True)):
        mean, log_deviation = gaussian[k].tolist()
        fits[name] = Fit(mean, math.exp(log_deviation), -float(one.discriminator(real[k], fake[k])))
    return fits


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _stratified(count: int) -> Tensor:
    """Standard normal points (count,), one from each of `count` equally likely slices, float64."""
    points: Tensor = torch.special.ndtri((torch.arange(count, dtype=torch.float64) + torch.rand(count)) / count)
    return points


def _generate(gaussian: Tensor, count: int = BATCH) -> Tensor:
    """Samples (K, count) of K Gaussians (mean, log deviation)."""
    points: Tensor = gaussian[:, :1] + gaussian[:, 1:].exp() * _stratified(count).float()
    return points


def _data(count: int) -> Tensor:
    """Samples (count,) of the data, each component with its exact share."""
    parts = zip(DATA.means, DATA.deviations, DATA.weights, strict=True)
    drawn: Tensor = torch.cat([mean + deviation * _stratified(round(w * count)) for mean, deviation, w in parts])
    return drawn.float()


def chapter(seed: int) -> Chapter:  # noqa: ARG001
    """Mean and deviation of the Gaussian under each divergence, by the game and by quadrature."""
    exact, played = {name: best(name) for name in DIVERGENCES}, play()
    statements = []
    for name, fit in played.items():
        where = f"{SOURCE}; argmin D_f by quadrature"
        statements += [
            Statement(f"gaussian_mean_under_{name}", fit.mean, exact[name].mean, TOLERANCE, where),
            Statement(f"gaussian_deviation_under_{name}", fit.deviation, exact[name].deviation, TOLERANCE, where),
            Statement(
                f"gaussian_divergence_under_{name}",
                fit.divergence,
                exact[name].divergence,
                TOLERANCE,
                f"{SOURCE}; min D_f",
            ),
        ]

    def draw(theme: Theme) -> Figure:
        return _draw(theme, exact, played)

    alt = (
        "Left: the mixture, and the Gaussians nearest to it under four divergences, from wide and near the narrow mode "
        "to less wide and near the broad one. Middle: mean and deviation under all eight, by quadrature and by the "
        "game. Right: how far the data are from each of them, by quadrature and as the value of the game"
    )
    return Chapter("A Gaussian for a mixture", tuple(statements), (Drawing("fitting", alt, draw),))


def _draw(theme: Theme, exact: dict[str, Fit], played: dict[str, Fit]) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.6, 3.1))
    x = torch.linspace(-5, 6, 400, dtype=torch.float64)
    left.fill_between(x, DATA.density(x), color=theme.line, linewidth=0, label="data")
    for name in ("pearson", "kl", "reverse_kl", "neyman"):
        ink, fit = colour(theme, list(DIVERGENCES).index(name)), exact[name]
        left.plot(x, normal(fit.mean, fit.deviation).density(x), color=ink, label=name)
    left.set(title="the nearest Gaussians", xlabel="x", ylabel="density")
    left.legend(loc="upper right")

    for index, name in enumerate(DIVERGENCES):
        ink, fit = colour(theme, index), exact[name]
        middle.plot(fit.mean, fit.deviation, color=ink, marker="o", markersize=11, alpha=0.35, markeredgewidth=0)
        middle.plot(
            played[name].mean,
            played[name].deviation,
            color=ink,
            marker="x",
            markersize=5.5,
            linestyle="none",
            label=name,
        )
    middle.plot([], [], color=theme.quiet, marker="o", markersize=9, alpha=0.4, linestyle="none", label="quadrature")
    middle.plot([], [], color=theme.quiet, marker="x", markersize=5, linestyle="none", label="the game")
    middle.set(title="by quadrature and by the game", xlabel="mean", ylabel="standard deviation")
    middle.margins(0.12)
    middle.legend(loc="upper right", fontsize=7)

    right_answers, found = ({name: fit.divergence for name, fit in fits.items()} for fits in (exact, played))
    beside(right, theme, right_answers, found, "quadrature")
    right.set(title="and how far they are", xlabel="divergence of the data from the Gaussian")
    right.legend(loc="upper left")
    return figure
