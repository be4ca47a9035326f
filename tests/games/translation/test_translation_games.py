"""Losses of the games of translation against formulas by hand, and who moves when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import l1_loss, mse_loss, softplus

from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.game import Game
from ganbench.games.translation.game import GAMES
from ganbench.games.translation.games.disco import match
from ganbench.games.translation.recipe import TranslationRecipe, recipe
from ganbench.networks.network import ImageShape
from ganbench.params import TranslationVariant

SHAPE = ImageShape(3, 16)
BATCH = 4
SMALL = {
    "network": {"resnet": {"width": 2, "blocks": 1}},
    "discriminator": {"patch": {"receptive": 16, "width": 2}},
    "objective": "least_squares",
}


def declared(game: Any, **axes: Any) -> TranslationRecipe:
    return recipe(TranslationVariant.model_validate({**SMALL, "game": game, **axes}), 16, "x")


def game_of(game: Any, **axes: Any) -> Game:
    torch.manual_seed(0)
    return declared(game, **axes).build(SHAPE, SHAPE, BATCH)


def batch() -> Batch:
    draw = torch.Generator().manual_seed(0)
    images, targets = (2 * torch.rand(BATCH, 3, 16, 16, generator=draw) - 1 for _ in "ab")
    return Batch(images, torch.full((BATCH,), -1), targets=targets)


def losses(game: Game, shown: Batch) -> list[dict[str, Tensor]]:
    return [move.loss(shown, {}) for move in game.round]


def real(scores: Tensor) -> Tensor:
    """Least squares towards 1."""
    return (scores - 1).square().mean() / 2


def fake(scores: Tensor) -> Tensor:
    return scores.square().mean() / 2


def assert_losses(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    assert list(found) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, msg=name)


def test_pix2pix_by_hand() -> None:
    """L1 + λ cGAN; the discriminator sees the input beside the output (Isola et al. 2017, equations 1, 3 and 4)."""
    game, shown = game_of("paired", objective="non_saturating"), batch()
    generator, discriminator = game.players["generator_ab"], game.players["discriminator_b"]
    made = generator(shown.images)
    beside = discriminator(torch.cat([shown.images, made], 1))
    truth = discriminator(torch.cat([shown.images, shown.targets], 1))
    near, loss = l1_loss(made, shown.targets), softplus(-beside).mean()
    of_generator, of_discriminator = losses(game, shown)
    assert_losses(of_generator, {"generator_total": loss + 100 * near, "generator": loss, "l1": near})
    assert_losses(of_discriminator, {"discriminator": softplus(-truth).mean() + softplus(beside).mean()})


def test_the_discriminator_of_the_ablation_does_not_see_the_input() -> None:
    game, shown = game_of({"paired": {"conditional": False, "l1": 0}}), batch()
    discriminator = game.players["discriminator_b"]
    made = game.players["generator_ab"](shown.images)
    of_generator, of_discriminator = losses(game, shown)
    loss = real(discriminator(made))
    assert_losses(of_generator, {"generator_total": loss, "generator": loss})
    expected = real(discriminator(shown.targets)) + fake(discriminator(made))
    assert_losses(of_discriminator, {"discriminator": expected})


def test_l1_alone_has_no_discriminator() -> None:
    game, shown = game_of({"paired": {"adversarial": 0}}), batch()
    assert list(game.players) == ["generator_ab"]
    near = l1_loss(game.players["generator_ab"](shown.images), shown.targets)
    (found,) = losses(game, shown)
    assert_losses(found, {"generator_total": 100 * near, "l1": near})


def test_cyclegan_by_hand() -> None:
    """Equations 1 to 3, and the identity loss of section 5.2, of Zhu et al. 2017."""
    game, shown = game_of("cycle"), batch()
    x, y = shown.images, shown.targets
    g, f, d_x, d_y = game.players.values()
    loss = real(d_y(g(x))) + real(d_x(f(y)))
    cycle_x, cycle_y = l1_loss(f(g(x)), x), l1_loss(g(f(y)), y)
    identity = l1_loss(g(y), y) + l1_loss(f(x), x)
    total = loss + 10 * (cycle_x + cycle_y) + 5 * identity
    of_generators, of_discriminators = losses(game, shown)
    terms = {"generator": loss, "cycle_a": cycle_x, "cycle_b": cycle_y, "identity": identity}
    assert_losses(of_generators, {"generator_total": total, **terms})
    of_x, of_y = real(d_x(x)) + fake(d_x(f(y))), real(d_y(y)) + fake(d_y(g(x)))
    assert_losses(of_discriminators, {"discriminator": of_x + of_y, "discriminator_a": of_x, "discriminator_b": of_y})


def test_discogan_by_hand() -> None:
    """(1 − r) (0.1 adversarial + 0.9 feature matching) + r MSE in [0, 1], r = .01 at first, then .5."""
    options = {"early_kimg": 0.01}  # ten images: two moves and a half
    game = game_of({"disco": options}, objective="non_saturating", discriminator={"patch": {"receptive": "whole"}})
    shown = batch()
    x, y = shown.images, shown.targets
    g, f, d_x, d_y = game.players.values()
    of_discriminators = game.round[0].loss(shown, {})
    of_x = softplus(-d_x(x)).mean() + softplus(d_x(f(y))).mean()
    of_y = softplus(-d_y(y)).mean() + softplus(d_y(g(x))).mean()
    assert_losses(of_discriminators, {"discriminator": of_x + of_y, "discriminator_a": of_x, "discriminator_b": of_y})
    loss = softplus(-d_y(g(x))).mean() + softplus(-d_x(f(y))).mean()
    matching = sum(
        mse_loss(one.mean(0), other.mean(0))
        for d, real_ones, made in ((d_y, y, g(x)), (d_x, x, f(y)))
        for one, other in list(zip(d.features(real_ones), d.features(made), strict=True))[1:]
    )
    unit = [(image + 1) / 2 for image in (x, y, f(g(x)), g(f(y)))]
    back_x, back_y = mse_loss(unit[2], unit[0]), mse_loss(unit[3], unit[1])
    for rate in (0.01, 0.01, 0.5):
        found = game.round[1].loss(shown, {})
        total = (1 - rate) * (0.1 * loss + 0.9 * matching) + rate * (back_x + back_y)
        terms = {"features": matching, "reconstruction_a": back_x, "reconstruction_b": back_y}
        assert_losses(found, {"generator_total": total, "generator": loss, **terms})


def test_features_match_by_their_means() -> None:
    one, other = torch.tensor([[1.0, 2.0], [3.0, 2.0]]), torch.tensor([[1.0, 5.0], [1.0, 1.0]])
    torch.testing.assert_close(match([one], [other]), torch.tensor((1.0 + 1.0) / 2))
    torch.testing.assert_close(match([one, one], [other, one]), torch.tensor(1.0))


@pytest.mark.parametrize(("game", "batches"), [("paired", 1), ("cycle", 1), ("disco", 3)])
def test_a_round_shows_so_many_batches(game: str, batches: int) -> None:
    assert game_of(game).images_per_round(BATCH) == batches * BATCH
    assert declared(game).game.batches_per_round == batches


@pytest.mark.parametrize(
    ("game", "moves"),
    [
        ("paired", [("generator_ab",), ("discriminator_b",)]),
        ("cycle", [("generator_ab", "generator_ba"), ("discriminator_a", "discriminator_b")]),
        ("disco", [("discriminator_a", "discriminator_b"), ("generator_ab", "generator_ba")]),
    ],
)
def test_who_moves(game: str, moves: list[tuple[str, ...]]) -> None:
    assert [move.trains for move in game_of(game).round] == moves


@pytest.mark.parametrize("game", ["paired", "cycle"])
def test_the_discriminator_judges_what_the_generator_was_trained_on(game: str) -> None:
    """No image is made twice: the second move calls no generator."""
    made = game_of(game)
    shown = batch()
    made.round[0].loss(shown, {})
    for name in ("generator_ab", "generator_ba"):
        if name in made.players:
            made.players[name].register_forward_hook(lambda *_: pytest.fail("a generator was called"))
    made.round[1].loss(shown, {})


@pytest.mark.parametrize("constraint", [{"gradient_penalty": 10.0}, {"r1": 1.0, "r2": 1.0}, {"spectral_norm": 1}])
@pytest.mark.parametrize("game", GAMES.entries())
def test_penalties_are_terms_of_the_discriminators_loss(game: str, constraint: dict[str, float]) -> None:
    made = game_of(game, objective="relativistic", constraint=constraint)
    found = losses(made, batch())
    (of_discriminators,) = (terms for terms in found if "discriminator" in terms)
    penalties = [name for name in constraint if name != "spectral_norm"]
    assert [name for name in of_discriminators if name in constraint] == penalties
    total = of_discriminators["discriminator"] + sum(of_discriminators[name] for name in penalties)
    torch.testing.assert_close(next(iter(of_discriminators.values())), total)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"game": {"paired": {"l1": 0, "adversarial": 0}}}, None),
        ({"tricks": {"packing": 2}}, "x.tricks.packing: "),
        ({"constraint": {"weight_clip": 0.01, "gradient_penalty": 10.0}}, "makes no sense"),
        ({"objective": "wasserstein"}, "x.objective: wasserstein: its critic needs a constraint"),
        ({"discriminator": {"patch": {"receptive": 71}}}, "x.discriminator.patch.receptive"),
        ({"discriminator": {"patch": 142}}, "x.discriminator: patch: receptive: 142"),
        (
            {"discriminator": {"patch": {"receptive": 16, "norm": "batch"}}, "constraint": {"spectral_norm": 1}},
            "x.discriminator: patch: norm: 'batch' undoes spectral_norm",
        ),
        ({"network": "unett"}, "did you mean 'unet'?"),
        ({"game": "cycles"}, "did you mean 'cycle'?"),
        ({"game": {"paired": {"adversarial": 0}}, "constraint": {"r1": 1}}, "the game has no discriminator"),
    ],
)
def test_what_makes_no_sense_is_refused(axes: dict[str, Any], said: str | None) -> None:
    if said is None:
        assert declared(axes["game"]).game.objection(SHAPE, SHAPE, BATCH)
        return
    with pytest.raises(BenchError) as refused:
        declared(axes.pop("game", "paired"), **axes)
    assert said in refused.value.message
    assert "\n" not in refused.value.message


def test_domains_of_other_channels_have_no_identity() -> None:
    cycle, grey = GAMES.entries()["cycle"], ImageShape(1, 16)
    assert "identity" in (cycle().objection(grey, SHAPE, BATCH) or "")
    assert cycle(identity=0).objection(grey, SHAPE, BATCH) is None
    assert "pool" in (cycle().objection(SHAPE, SHAPE, 64) or "")


def test_generators_have_their_averages() -> None:
    average = game_of("cycle", tricks={"ema": 1}).average
    assert {name: one.half_life for name, one in average.items()} == {"generator_ab": 1000, "generator_ba": 1000}
