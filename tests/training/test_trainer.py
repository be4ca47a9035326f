"""The trainer plays any game, in the declared order, and stops where it must."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from ganbench.data.batches import Batch, ImageStream
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.optimizers.sgd import SGD
from ganbench.training.average import Average
from ganbench.training.trainer import Reading, Trainer

CPU = torch.device("cpu")


def stream(count: int = 10, batch_size: int = 4, seed: int = 0) -> ImageStream:
    images = np.arange(count, dtype=np.uint8).reshape(count, 1, 1, 1)
    return ImageStream(images, np.arange(count, dtype=np.int64), batch_size, seed, CPU)


def toy_game(log: list[str], **moves: dict) -> Game:
    """Players with one weight each, and a move for each that writes its name down."""
    players = nn.ModuleDict({name: nn.Linear(1, 1, bias=False) for name in moves})

    def loss_of(name: str):
        def loss(batch: Batch, noise: Noise) -> Losses:
            log.append(name)
            return {name: sum(player(torch.ones(1, 1)).sum() for player in players.values())}

        return loss

    rounds = tuple(Move((name,), loss_of(name), **options) for name, options in moves.items())
    return Game(players, rounds, lambda size, device: {}, {})


def test_a_round_repeats_and_skips_moves_as_declared() -> None:
    log: list[str] = []
    game = toy_game(log, d={"repeats": 2}, g={"counts": False}, lazy={"every": 3, "counts": False})
    trainer = Trainer(game, SGD(lr=0.1), stream(), 4, "fp32", CPU)
    for _ in range(4):
        trainer.play_round()
    assert log == [*"ddg", "lazy", *"ddg", *"ddg", *"ddg", "lazy"]
    assert trainer.images == 4 * 2 * 4, "only the moves that count spend the budget"
    assert game.images_per_round(4) == 8


def test_a_move_changes_its_own_players_alone() -> None:
    game = toy_game([], d={}, g={})
    trainer = Trainer(game, SGD(lr=0.5), stream(), 4, "fp32", CPU)
    before = {name: player.weight.item() for name, player in trainer.players.items()}
    trainer._make(game.round[0])
    assert trainer.players["d"].weight.item() == pytest.approx(before["d"] - 0.5)
    assert trainer.players["g"].weight.item() == before["g"]
    assert trainer.players["g"].weight.grad is None


def test_losses_are_read_for_every_round_at_once() -> None:
    game = toy_game([], d={}, g={})
    trainer = Trainer(game, SGD(lr=1e-3), stream(), 4, "fp32", CPU)
    for _ in range(3):
        trainer.play_round()
    readings = list(trainer.read())
    assert [(reading.iteration, reading.images) for reading in readings] == [(1, 8), (2, 16), (3, 24)]
    assert readings[0].losses["d"] > readings[2].losses["d"]
    assert list(trainer.read()) == []


@pytest.mark.parametrize(("loss", "finite"), [(1.0, True), (math.inf, False), (-math.inf, False), (math.nan, False)])
def test_a_reading_knows_what_is_not_finite(loss: float, finite: bool) -> None:
    assert Reading(1, 1, {"fine": 0.0, "g": loss}).not_finite == (None if finite else "g")


def test_the_average_halves_an_influence_in_its_half_life_at_any_batch_size() -> None:
    for batch in (1, 10, 50):
        module = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(module.weight)
        average = Average(module, half_life=100)
        nn.init.ones_(module.weight)
        for _ in range(100 // batch):
            average.update(batch)
        assert average.module.weight.item() == pytest.approx(0.5, abs=1e-5)


def test_the_average_copies_the_statistics_of_batch_norm() -> None:
    module = nn.BatchNorm1d(2)
    average = Average(module, half_life=1000)
    module(torch.randn(64, 2) + 5)
    average.update(64)
    assert torch.equal(average.module.running_mean, module.running_mean)
