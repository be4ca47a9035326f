"""Games whose players are told labels or captions."""

import itertools
import re

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, softplus

from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.conditions.text import another, between, others
from ganbench.games.game import Game
from ganbench.games.generation import generation
from ganbench.games.given import Given
from ganbench.games.recipe import Recipe, check_told, recipe
from ganbench.games.serving import served_input
from ganbench.networks.network import NETWORKS, ImageShape, PointShape
from ganbench.objectives.constraint import CONSTRAINTS
from ganbench.objectives.objective import OBJECTIVES
from ganbench.params import Params, Variant

CPU = torch.device("cpu")
SHAPE = ImageShape(1, 16)
GIVEN = Given(["a", "b", "c"], ["big", "blue", "circle", "red"], 3, ["big circle", "red circle"])
HOWS = [
    *({"label": how} for how in ("concatenation", "projection", "auxiliary")),
    *({"text": {"how": how, "augmentation": 1.0}} for how in ("concatenation", "projection")),
    {"text": {"matching": False, "interpolation": False}},
]


def declare(**axes: object) -> Recipe:
    axes = {"network": {"mlp": {"width": 8, "dropout": 0.0}}, "objective": "non_saturating"} | axes
    return recipe(Variant.model_validate(axes | {"optimizer": {"lr": 1e-3}}), SHAPE, "x")


def batch(size: int = 8) -> Batch:
    images = torch.rand(size, 1, 16, 16) * 2 - 1
    return Batch(images, torch.arange(size) % 3, torch.randint(2, 6, (size, 3)))


def network(name: str) -> dict[str, dict[str, int]]:
    return {name: {"capacity" if name == "blocks" else "width": 8}}


def play(game: Game, shown: Batch) -> None:
    for move in game.round:
        losses = move.loss(shown, game.noise(len(shown.images), CPU))
        assert all(loss.dtype == torch.float32 and loss.isfinite() and loss.ndim == 0 for loss in losses.values())
        weights = [weight for name in move.trains for weight in game.players[name].parameters()]
        gradients = torch.autograd.grad(next(iter(losses.values())), weights, allow_unused=True)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                if gradient is not None:
                    weight.sub_(0.001 * gradient.sign())
        if move.after:
            move.after()


@pytest.mark.parametrize("condition", HOWS, ids=str)
@pytest.mark.parametrize("name", NETWORKS.entries())
def test_every_way_to_be_told_steps_with_every_network(name: str, condition: dict) -> None:
    torch.manual_seed(0)
    game = generation(declare(network=network(name), condition=condition), SHAPE, GIVEN)
    for weight in game.players.parameters():
        if not weight.any():  # behind what begins at 0 nothing would learn in the first step
            weight.data.copy_(0.1 * torch.randn_like(weight))
    before = {key: weight.clone() for key, weight in game.players.named_parameters()}
    play(game, batch())
    still = {key for key, weight in game.players.named_parameters() if torch.equal(weight, before[key])}
    assert not {key for key in still if not key.endswith("bias")}, "but batch norm subtracts what a bias adds"


@pytest.mark.parametrize("condition", [{"label": "projection"}, {"text": "concatenation"}], ids=str)
@pytest.mark.parametrize(
    ("objective", "constraint"),
    [
        (objective, constraint)
        for (objective, entry), constraint in itertools.product(
            OBJECTIVES.entries().items(), ["", *CONSTRAINTS.entries()]
        )
        if not entry().objection([constraint] if constraint else [])
    ],
)
def test_every_objective_and_constraint_goes_with_a_condition(objective: str, constraint: str, condition: dict) -> None:
    torch.manual_seed(0)
    made = declare(objective=objective, constraint={constraint: None} if constraint else {}, condition=condition)
    game = generation(made, SHAPE, GIVEN)
    play(game, batch())
    losses = game.round[0].loss(batch(), game.noise(8, CPU))
    total = sum(value for name, value in losses.items() if name != "discriminator_total")
    assert next(iter(losses.values())).item() == pytest.approx(total.item(), rel=1e-5)


def told(condition: dict, **axes: object) -> tuple[Game, Batch, dict[str, Tensor]]:
    torch.manual_seed(0)
    game = generation(declare(condition=condition, **axes), SHAPE, GIVEN)
    game.players.eval()  # batch norm repeats itself
    return game, batch(), game.noise(8, CPU)


def test_generated_samples_are_asked_for_by_the_labels_of_the_real_ones() -> None:
    game, shown, noise = told({"label": "projection"})
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    fake = discriminator(generator(noise["latent"], shown.labels), shown.labels)
    real = discriminator(shown.images, shown.labels)
    expected = softplus(-real).mean() + softplus(fake).mean()
    torch.testing.assert_close(game.round[0].loss(shown, noise)["discriminator"], expected)
    torch.testing.assert_close(game.round[1].loss(shown, noise)["generator"], softplus(-fake).mean())


def test_a_penalty_looks_at_samples_beside_their_own_labels() -> None:
    game, shown, noise = told({"label": "concatenation"}, objective="wasserstein", constraint={"r1": 2.0})
    images = shown.images.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(game.players["discriminator"](images, shown.labels).sum(), images)
    found = game.round[0].loss(shown, noise)["r1"]
    torch.testing.assert_close(found, slopes.square().sum((1, 2, 3)).mean())


def test_acgan_adds_the_cross_entropy_of_real_and_of_generated_samples() -> None:
    game, shown, noise = told({"label": {"how": "auxiliary", "weight": 0.5}})
    discriminator = game.players["discriminator"]
    fake = game.players["generator"](noise["latent"], shown.labels)
    entropies = []
    for samples in (shown.images, fake):
        logits = discriminator.classifier(discriminator.features(samples))
        by_hand = -logits.log_softmax(1)[torch.arange(8), shown.labels].mean()
        torch.testing.assert_close(by_hand, cross_entropy(logits, shown.labels))
        entropies.append(by_hand / 2)
    losses = game.round[0].loss(shown, noise)
    torch.testing.assert_close(losses["discriminator_total"], losses["discriminator"] + sum(entropies))
    losses = game.round[1].loss(shown, noise)
    torch.testing.assert_close(losses["generator_total"], losses["generator"] + entropies[1])


def test_the_matching_aware_loss_is_that_of_algorithm_1() -> None:
    game, shown, noise = told({"text": {"interpolation": False}})
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    wrong = shown.captions[others(shown.captions)]
    s_r = discriminator(shown.images, shown.captions).sigmoid()
    s_w = discriminator(shown.images, wrong).sigmoid()
    s_f = discriminator(generator(noise["latent"], shown.captions), shown.captions).sigmoid()
    expected = -(s_r.log() + ((1 - s_w).log() + (1 - s_f).log()) / 2).mean()
    torch.testing.assert_close(game.round[0].loss(shown, noise)["discriminator"], expected)
    assert [*game.round[1].loss(shown, noise)] == ["generator"]


def test_plain_text_is_the_label_game_with_other_codes() -> None:
    game, shown, noise = told({"text": {"matching": False, "interpolation": False}})
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    fake = discriminator(generator(noise["latent"], shown.captions), shown.captions)
    expected = softplus(-discriminator(shown.images, shown.captions)).mean() + softplus(fake).mean()
    torch.testing.assert_close(game.round[0].loss(shown, noise)["discriminator"], expected)


def test_an_interpolated_text_is_the_mean_of_two_codes() -> None:
    game, shown, noise = told({"text": {"matching": False}})
    generator, discriminator = game.players["generator"], game.players["discriminator"]
    second = shown.captions[others(shown.captions)]
    means = [(player.code(shown.captions) + player.code(second)) / 2 for player in (generator, discriminator)]
    scores = discriminator.judge(generator.draw(noise["latent"], means[0]), means[1])
    losses = game.round[1].loss(shown, noise)
    torch.testing.assert_close(losses["interpolated"], softplus(-scores).mean())
    torch.testing.assert_close(losses["generator_total"], losses["generator"] + losses["interpolated"])


def test_the_wrong_text_is_that_of_the_next_image_with_another_text() -> None:
    captions = torch.tensor([[2, 3], [2, 3], [4, 0], [2, 3]])
    assert others(captions).tolist() == [2, 2, 3, 2]
    codes = torch.arange(4.0)[:, None]
    assert another(codes, captions).flatten().tolist() == [2, 2, 3, 2]
    assert between(codes, captions).flatten().tolist() == [1, 1.5, 2.5, 2.5]
    assert others(captions[:2]).tolist() == [1, 0], "where all are equal there is no other"


@pytest.mark.parametrize("condition", HOWS, ids=str)
def test_what_is_asked_for_moves_samples_and_losses(condition: dict) -> None:
    game, shown, noise = told(condition)
    generator = game.players["generator"]
    code = generator.code(shown.labels if "label" in condition else shown.captions).detach().requires_grad_()
    samples = generator.draw(noise["latent"], code)
    (slope,) = torch.autograd.grad(samples.square().sum(), code)
    assert slope.abs().sum(1).min() > 0
    losses = game.round[0].loss(shown, noise)
    rolled = game.round[0].loss(Batch(shown.images, shown.labels.roll(1), shown.captions.roll(1, 0)), noise)
    assert losses[next(iter(losses))] != rolled[next(iter(rolled))]


@pytest.mark.parametrize("condition", ["label", "text"])
def test_what_makes_no_sense_is_refused_with_the_reason(condition: str) -> None:
    with pytest.raises(BenchError, match=r"x\.tricks\.packing: a pack is judged as one"):
        declare(condition=condition, tricks={"packing": 2})
    with pytest.raises(BenchError, match="does not say which sample was asked for"):
        declare(condition=condition, tricks={"feature_matching": 1.0})
    points = Variant.model_validate(
        {"network": "mlp", "objective": "minimax", "condition": condition, "optimizer": {"lr": 1}}
    )
    with pytest.raises(BenchError, match=r"points have no (labels|captions)"):
        recipe(points, PointShape(2), "x")


@pytest.mark.parametrize(("name", "condition", "tells"), [("cgan", "label", "labels"), ("gan_cls", "text", "captions")])
def test_to_be_told_what_the_data_do_not_tell_is_refused(
    small_params: Params, name: str, condition: str, tells: str
) -> None:
    said = f"params.yaml: images.variants.{name}.condition: {condition}: the data have no {tells}; allowed: none, or"
    with pytest.raises(BenchError, match=re.escape(said)):
        check_told(small_params, name, ["only"], False)
    check_told(small_params, name, ["a", "b"], True)


def test_feature_matching_goes_with_an_auxiliary_head_and_beside_the_scores() -> None:
    for condition, options in (({"label": "auxiliary"}, 1.0), ("text", {"replaces": False})):
        game = generation(declare(condition=condition, tricks={"feature_matching": options}), SHAPE, GIVEN)
        play(game, batch())


def test_a_server_is_told_what_to_ask_for() -> None:
    label, text = (served_input(declare(condition=name).condition, GIVEN) for name in ("label", "text"))
    assert (label.name, text.name) == ("label", "text")
    assert label.encode([2, 0]).tolist() == [2, 0]
    assert torch.equal(text.encode(["red circle"]), GIVEN.encode(["red circle"]))
    assert served_input(declare().condition, GIVEN) is None
    with pytest.raises(ValueError, match="0 to 2"):
        label.encode([3])
