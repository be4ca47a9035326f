"""Training a small discriminator on two known distributions, by the bench's own losses, constraints and optimisers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch
from ganbench.games.game import Game
from ganbench.games.optimizer import Optimizer
from ganbench.networks.mlp import MLP
from ganbench.networks.network import Discriminator, PointShape
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.objective import Objective

Draw = Callable[[], tuple[Tensor, Tensor]]
"""A fresh batch: real and generated samples, float32 (N, d) each."""


def scorer(dim: int, width: int = 32, depth: int = 2, leak: float = 0.2) -> Discriminator:
    """The bench's MLP discriminator: points (N, dim) → scores (N,), with `depth` hidden layers of `width`."""
    return MLP(width=width, depth=depth, dropout=0.0, leak=leak).discriminator(PointShape(dim), per_sample=True)


def discriminator_loss(
    network: nn.Module, objective: Objective, constraints: Sequence[Constraint], real: Tensor, fake: Tensor
) -> Tensor:
    """The objective's loss and the constraints' penalties, a scalar."""
    loss = objective.discriminator(network(real), network(fake))
    for constraint in constraints:
        if (penalty := constraint.penalty(network, real, fake)) is not None:
            loss = loss + penalty
    return loss


def train(
    network: nn.Module,
    objective: Objective,
    constraints: Sequence[Constraint],
    optimizer: Optimizer,
    draw: Draw,
    steps: int,
    settle: float = 0.5,
) -> Iterator[int]:
    """Train a discriminator; yields the number of steps taken after each one, for whoever watches.

    The learning rate falls linearly to 0 over the last part `settle` of the steps, so that the noise of the batches is
    averaged out at the end.
    """
    built = optimizer.build(network.parameters(), optimizer.lr)
    for step in range(steps):
        for group in built.param_groups:
            group["lr"] = optimizer.lr * min(1.0, (1 - step / steps) / settle) if settle else optimizer.lr
        loss = discriminator_loss(network, objective, constraints, *draw())
        built.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        built.step()
        for constraint in constraints:
            constraint.project(network)
        yield step + 1


def run(training: Iterator[int]) -> None:
    """Train to the end, unwatched."""
    for _ in training:
        pass


@torch.no_grad()
def scores_of(network: nn.Module, points: Tensor) -> Tensor:
    """Scores (N,), float64, of points (N, d)."""
    scores: Tensor = network(points.float())
    return scores.double()


def play(game: Game, optimizer: Optimizer, draw_real: Callable[[], Tensor], rounds: int) -> Iterator[int]:
    """Play a game on points; yields the number of rounds played after each one, for whoever watches.

    Args:
        game: its moves are made as the bench's trainer makes them.
        optimizer: declared for the players.
        draw_real: a fresh batch of real points, float32 (N, d).
        rounds: how many.
    """
    players = dict(game.players.items())
    built = {name: optimizer.build(player.parameters(), optimizer.lr_of(name)) for name, player in players.items()}
    for turn in range(rounds):
        for move in game.round:
            for _ in range(move.repeats):
                points = draw_real()
                for name, player in players.items():
                    player.requires_grad_(name in move.trains)
                batch = Batch(points, torch.full((len(points),), -1))
                losses = move.loss(batch, game.noise(len(points), points.device))
                next(iter(losses.values())).backward()  # type: ignore[no-untyped-call]
                for name in move.trains:
                    built[name].step()
                    built[name].zero_grad()
                if move.after:
                    move.after()
        yield turn + 1
