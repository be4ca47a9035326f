"""Two ways to a 1-Lipschitz critic: clipping the weights of a deep one starves or floods it, the penalty does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganbench.data.points.sources.swiss_roll import SwissRoll
from ganbench.games.optimizer import Optimizer
from ganbench.games.optimizers.adam import Adam
from ganbench.games.optimizers.rmsprop import RMSProp
from ganbench.networks.network import Discriminator
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.weight_clip import WeightClip
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.reporting.style import Theme, colour, panels
from ganbench.theory.statement import Chapter, Drawing, Statement
from ganbench.theory.training import run, scorer, train

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEPTH, WIDTH, BATCH, STEPS, POOL = 12, 64, 256, 200, 8192
BOUNDS = (0.1, 0.01, 0.001)
NOISE = 0.5
"""Of the generator, which is held at data + noise: about the published one, in units of our roll, whose radius is 1."""
AT_BOUND = 0.98
SOURCE = "Gulrajani et al. 2017, section 3 and figure 1b"
RANDOM_SIGNS = f"{SOURCE}; weights ±c of random sign let c√(n/2) of a gradient through a layer of n rectifiers"
SMALLEST = 1e-45
"""Of float32: where a gradient that has vanished is drawn."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Critic:
    """What was seen in a trained critic.

    Attributes:
        begun: weights after the first step, of all hidden layers but the first (k,).
        weights: the same after the last step (k,).
        gradients: mean norm of ∂loss/∂(output of a layer) over samples, from the first layer to the last (DEPTH,).
    """

    begun: Array
    weights: Array
    gradients: Array

    @property
    def growth(self) -> float:
        """log10 of the factor that a gradient takes on its way down through one layer, on average."""
        return float(np.log10(self.gradients[0] / self.gradients[-1])) / (DEPTH - 1)


def chapter(seed: int) -> Chapter:
    """Four critics of twelve layers on the Swiss roll: three clipped, one penalised."""
    pool = torch.from_numpy(SwissRoll().draw(POOL, np.random.default_rng(seed))).float()

    def draw() -> tuple[Tensor, Tensor]:
        real, other = pool[torch.randint(POOL, (BATCH,))], pool[torch.randint(POOL, (BATCH,))]
        return real, other + NOISE * torch.randn_like(other)

    def see(constraint: Constraint, optimizer: Optimizer) -> Critic:
        network = scorer(2, WIDTH, DEPTH, leak=0.0)
        course = train(network, Wasserstein(), (constraint,), optimizer, draw, STEPS, settle=0.0)
        next(course)
        begun = _weights(network)
        run(course)
        return Critic(begun, _weights(network), gradients(network, *draw()))

    clipped = {bound: see(WeightClip(bound), RMSProp(lr=1e-3)) for bound in BOUNDS}
    penalised = see(GradientPenalty(10.0), Adam(lr=1e-4, betas=(0.5, 0.9)))
    exploded, vanished = clipped[0.1], clipped[0.01]
    driven = at_bound(exploded.weights, 0.1) - at_bound(exploded.begun, 0.1)
    statements = (
        Statement(
            "clipping_at_0_1_weights_driven_to_the_bound",
            driven,
            0.15,
            0.0,
            f"{SOURCE}; share of |w| > {AT_BOUND} c, less that after the first step",
            "≥",
        ),
        Statement(
            "clipping_at_0_01_gradient_decades_per_layer",
            vanished.growth,
            math.log10(0.01 * math.sqrt(WIDTH / 2)),
            0.1,
            RANDOM_SIGNS,
        ),
        Statement(
            "clipping_at_0_01_gradient_decades_in_all", 11 * vanished.growth, -6.0, 0.0, f"{SOURCE}: vanishes", "≤"
        ),
        Statement(
            "clipping_at_0_1_gradient_decades_in_all", 11 * exploded.growth, 3.0, 0.0, f"{SOURCE}: explodes", "≥"
        ),
        Statement(
            "clipping_at_0_1_gradient_decades_per_layer",
            exploded.growth,
            math.log10(0.1 * WIDTH),
            0.0,
            "no layer lets more through than its norm, at most c n",
            "≤",
        ),
        Statement(
            "penalty_gradient_decades_in_all",
            11 * penalised.growth,
            0.0,
            1.2,
            f"{SOURCE}: neither; the first weights, U(±1/√n), begin at 11 log10 √(1/6) = −4.3",
        ),
    )

    def picture(theme: Theme) -> Figure:
        return _draw(theme, clipped, penalised)

    alt = (
        "Left: the weights of a critic clipped at 0.1 stand at both ends, those of a penalised one spread out. "
        "Right: the norm of the gradient layer by layer: clipped at 0.1 it explodes, at 0.01 and 0.001 it vanishes, "
        "under the penalty it stays"
    )
    return Chapter("Clipping and the penalty", statements, (Drawing("lipschitz", alt, picture),))


def at_bound(weights: Array, bound: float) -> float:
    """Share of weights next to ±c."""
    return float((np.abs(weights) > AT_BOUND * bound).mean())


def gradients(network: Discriminator, real: Tensor, fake: Tensor) -> Array:
    """Mean norm of the loss's gradient at the output of each hidden layer, first to last (layers,).

    A gradient that underflowed counts as the smallest float32, so that it has a logarithm.
    """
    outputs: list[Tensor] = []

    def keep(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
        outputs.append(output)

    hooks = [layer.register_forward_hook(keep) for layer in _layers(network)]
    loss = Wasserstein().discriminator(*network(torch.cat([real, fake])).chunk(2))
    found = torch.autograd.grad(loss, outputs)
    for hook in hooks:
        hook.remove()
    return np.maximum([float(torch.linalg.vector_norm(one.double(), dim=1).mean()) for one in found], SMALLEST)


def _weights(network: Discriminator) -> Array:
    hidden = torch.cat([layer.weight.detach().flatten() for layer in _layers(network)[1:]])
    return hidden.double().numpy()


def _layers(network: Discriminator) -> list[nn.Linear]:
    return [layer for layer in network.features.modules() if isinstance(layer, nn.Linear)]


def _draw(theme: Theme, clipped: dict[float, Critic], penalised: Critic) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.2, 2.8))
    half = max(BOUNDS) * 1.1
    for axis, critic, title, ink in (
        (left, clipped[max(BOUNDS)], f"clipped at c = {max(BOUNDS)}", theme.cycle[1]),
        (middle, penalised, "gradient penalty", theme.cycle[0]),
    ):
        reach = max(half, float(np.abs(critic.weights).max()) * 1.05)
        share = np.full(len(critic.weights), 1 / len(critic.weights))
        bins = np.linspace(-reach, reach, 46).tolist()
        axis.hist(critic.weights, bins, weights=share, color=ink, label="at the end")
        axis.hist(
            critic.begun, bins, weights=share, color=theme.ink, histtype="step", linewidth=0.9, label="first step"
        )
        axis.set(title=title, xlabel="weight", ylabel="share of the weights")
        axis.set_ylim(top=1.25 * axis.get_ylim()[1])
        axis.legend(loc="upper center", fontsize=7)
    layers = np.arange(1, DEPTH + 1)
    for index, (bound, critic) in enumerate(clipped.items()):
        right.plot(
            layers, critic.gradients, color=colour(theme, index + 1), marker="o", markersize=3, label=f"c = {bound:g}"
        )
    right.plot(layers, penalised.gradients, color=theme.cycle[0], marker="s", markersize=3, label="penalty")
    right.set(
        title="the gradient on its way down",
        xlabel="layer, 12 next to the score",
        ylabel="mean norm of the gradient",
        yscale="log",
        ylim=(1e-30, 1e6),
        xticks=range(1, DEPTH + 1),
    )
    right.legend(loc="lower right")
    return figure
