"""Seeds that train side by side train as if alone."""

import pytest
import torch
from torch import Tensor

from ganbench.data.batches import Batch
from ganbench.data.points.source import open_points
from ganbench.data.points.stream import PointStream
from ganbench.games.game import Game
from ganbench.games.generation import generation
from ganbench.games.recipe import Recipe, recipe
from ganbench.games.side_by_side import SeedNoise, Stacked, member, side_by_side
from ganbench.networks.network import PointShape
from ganbench.params import Choice, Variant
from ganbench.training.trainer import Trainer

CPU = torch.device("cpu")
SMALL = {"mlp": {"width": 8, "depth": 2, "latent": 3, "dropout": 0.0}}
VARIANTS = {
    "vanilla with batch norm": {"network": SMALL, "objective": "minimax", "tricks": {"ema": 0.1}},
    "clipped": {"network": SMALL, "objective": "wasserstein", "constraint": {"weight_clip": 0.05}, "critic_steps": 2},
    "penalised": {"network": SMALL, "objective": "wasserstein", "constraint": {"gradient_penalty": 1.0}},
    "normalised": {"network": SMALL, "objective": "hinge", "constraint": {"spectral_norm": {}}},
    "r3gan": {"network": SMALL, "objective": "relativistic", "constraint": {"r1": 0.1, "r2": 0.1}},
    "packed": {"network": SMALL, "objective": "non_saturating", "tricks": {"packing": 2}},
    "minibatch discrimination": {
        "network": SMALL,
        "objective": "non_saturating",
        "tricks": {"minibatch_discrimination": {"kernels": 4, "dimensions": 2}},
    },
    "minibatch std": {"network": SMALL, "objective": "non_saturating", "tricks": {"minibatch_std": 4}},
    "dropout": {"network": {"mlp": {"width": 8, "latent": 3, "dropout": 0.5}}, "objective": "least_squares"},
    "maxout": {"network": {"maxout": {"width": 6, "depth": 2}}, "objective": "non_saturating"},
}


def entries(name: str) -> Recipe:
    return recipe(Variant.model_validate(VARIANTS[name] | {"optimizer": {"lr": 0.01}}), PointShape(2), "points.x")


def games(found: Recipe, seeds: list[int]) -> list[Game]:
    made = []
    for seed in seeds:
        torch.manual_seed(seed)
        made.append(generation(found, PointShape(2)))
    return made


def trainer(name: str, seeds: list[int]) -> Trainer:
    found = entries(name)
    each = games(found, seeds)
    noise = SeedNoise(seeds, each[0].players["generator"].latent_dim)
    stream = PointStream(open_points(Choice(name="ring")), 16, seeds, CPU)
    return Trainer(side_by_side(each, noise), found.optimizer, stream, 16, "fp32", CPU)


def weights(player: torch.nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach() for name, tensor in player.state_dict().items()}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_seed_trains_the_same_alone_and_beside_others(name: str) -> None:
    together, alone = trainer(name, [4, 5, 6]), trainer(name, [5])
    for _ in range(4):
        together.play_round()
        alone.play_round()
    for player in ("generator", "discriminator"):
        mine, expected = weights(member(together.players[player], 1)), weights(alone.players[player])
        for key, tensor in expected.items():
            assert torch.allclose(mine[key].float(), tensor.float(), atol=2e-4, rtol=2e-3), f"{player}.{key}"
    mine, expected = weights(member(together.shown("generator"), 1)), weights(alone.shown("generator"))
    for key, tensor in expected.items():
        assert torch.allclose(mine[key].float(), tensor.float(), atol=2e-4, rtol=5e-3), f"shown {key}"
    losses, own = list(together.read())[-1].losses, list(alone.read())[-1].losses
    for term, loss in own.items():
        if term.endswith("/0"):
            assert losses[f"{term[:-1]}1"] == pytest.approx(loss, abs=1e-3)


def test_what_is_minimised_is_the_sum_over_seeds() -> None:
    three = trainer("penalised", [0, 1, 2])
    three.play_round()
    losses = next(three.read()).losses
    total = sum(losses[f"discriminator_total/{place}"] for place in range(3))
    assert losses["discriminator_total/sum"] == pytest.approx(total, rel=1e-5)


def test_a_seed_that_is_not_finite_leaves_the_others_alone() -> None:
    two = trainer("r3gan", [0, 1])
    with torch.no_grad():
        for weight in two.players["generator"].parameters():
            weight[0] = float("nan")
    for _ in range(2):
        two.play_round()
    losses = list(two.read())[-1].losses
    assert losses["generator/0"] != losses["generator/0"]
    assert abs(losses["generator/1"]) < float("inf")
    assert all(bool(weight.isfinite().all()) for weight in member(two.players["generator"], 1).parameters())


def test_draws_inside_a_loss_are_those_of_the_seed_and_change_from_move_to_move() -> None:
    found = entries("penalised")
    one = side_by_side(games(found, [2]), SeedNoise([2], 3))
    batch = Batch(torch.randn(1, 16, 2), torch.full((1, 16), -1))
    noise = one.noise
    drawn = noise(16, CPU)
    loss = one.round[0].loss
    first, again = loss(batch, drawn), loss(batch, drawn)
    noise(16, CPU)
    later = loss(batch, drawn)
    assert first["gradient_penalty/0"] == again["gradient_penalty/0"]
    assert first["gradient_penalty/0"] != later["gradient_penalty/0"]


def test_a_stack_computes_what_its_members_compute() -> None:
    modules = [torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)) for _ in range(3)]
    stack, inputs = Stacked(modules), torch.randn(3, 5, 3)
    expected = torch.stack([module(values) for module, values in zip(modules, inputs, strict=True)])
    assert torch.allclose(stack(inputs), expected, atol=1e-6)
    assert torch.allclose(stack.member(2)(inputs[2]), expected[2], atol=1e-6)
