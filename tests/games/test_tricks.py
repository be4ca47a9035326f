"""What each trick does to the game, and where it is refused."""

import pytest
import torch

from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.game import Game
from ganbench.games.generation import generation
from ganbench.games.recipe import Recipe, check_batch, recipe
from ganbench.networks.minibatch import MinibatchDiscrimination, MinibatchStd
from ganbench.networks.network import ImageShape, PointShape, Shape
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.params import Choice, Variant

SHAPE = ImageShape(1, 16)
CPU = torch.device("cpu")


def cook(
    tricks: dict[str, object],
    network: str = "dcgan",
    objective: str = "non_saturating",
    constraint: tuple[str, ...] = (),
    shape: Shape = SHAPE,
    **options: object,
) -> Recipe:
    declared = Variant(
        network=Choice(name=network, options={"width": 8, **options}),
        objective=Choice(name=objective),
        constraint=tuple(Choice(name=name) for name in constraint),
        tricks=tuple(Choice(name=name, options=value) for name, value in tricks.items()),
    )
    return recipe(declared, shape, "x")


def play(cooked: Recipe, shape: Shape = SHAPE) -> Game:
    torch.manual_seed(0)
    return generation(cooked, shape)


def batch(size: int = 8, shape: Shape = SHAPE) -> Batch:
    sample = (shape.dim,) if isinstance(shape, PointShape) else (shape.channels, shape.resolution, shape.resolution)
    return Batch(torch.rand(size, *sample) * 2 - 1, torch.zeros(size, dtype=torch.int64))


@pytest.mark.parametrize(("network", "shape"), [("dcgan", SHAPE), ("mlp", SHAPE), ("maxout", PointShape(2))])
def test_a_packed_discriminator_judges_packs(network: str, shape: Shape) -> None:
    cooked = cook({"packing": 4}, network, shape=shape)
    game = play(cooked, shape)
    shown: list[torch.Size] = []
    game.players["discriminator"].features.register_forward_hook(lambda _, given, found: shown.append(given[0].shape))
    for move in game.round:
        losses = move.loss(batch(8, shape), game.noise(8, CPU))
    losses["generator"].backward()
    samples = batch(8, shape).images
    assert shown == [(2, 4 * samples.shape[1], *samples.shape[2:])] * 3
    assert all(weight.grad.any() for weight in game.players["generator"].parameters() if weight.dim() > 1)


def test_each_sample_of_a_pack_gets_a_gradient() -> None:
    cooked = cook({"packing": 2})
    discriminator = cooked.discriminator(SHAPE).eval()
    packs = torch.randn(1, 2, 16, 16, requires_grad=True)
    (gradient,) = torch.autograd.grad(discriminator(packs).sum(), packs)
    assert gradient[0, 0].any()
    assert gradient[0, 1].any()


def test_a_penalty_looks_at_whole_packs() -> None:
    cooked = cook({"packing": 2}, objective="wasserstein", constraint=("gradient_penalty",))
    losses = play(cooked).round[0].loss(batch(), {"latent": torch.randn(8, 100)})
    assert losses["gradient_penalty"].isfinite()
    assert losses["gradient_penalty"] > 0


def test_a_pack_needs_a_batch_that_it_divides() -> None:
    check_batch(cook({"packing": 4}), 64, "x")
    with pytest.raises(BenchError, match=r"x.tricks: packs of 3 don't divide a batch of 64; .* a multiple of 3"):
        check_batch(cook({"packing": 3}), 64, "x")
    with pytest.raises(BenchError, match="packs of 4 in 32 processes don't divide a batch of 64"):
        check_batch(cook({"packing": 4}), 64, "x", processes=32)


def test_minibatch_tricks_need_a_batch() -> None:
    check_batch(cook({"minibatch_std": 4, "packing": 2}), 8, "x")
    with pytest.raises(BenchError, match="group: 4 does not divide the 6 samples"):
        check_batch(cook({"minibatch_std": 4, "packing": 2}), 12, "x")
    for name in ("minibatch_std", "minibatch_discrimination"):
        with pytest.raises(BenchError, match="a batch is a single one"):
            check_batch(cook({name: None, "packing": 8}), 8, "x")


def test_minibatch_layers_stand_before_the_head_in_the_order_declared() -> None:
    cooked = cook({"minibatch_std": 2, "minibatch_discrimination": {"kernels": 7}})
    discriminator = cooked.discriminator(SHAPE)
    assert [type(layer) for layer in discriminator.mix] == [MinibatchStd, MinibatchDiscrimination]
    assert discriminator.head.in_features == 4 * 4 * 16 + 1 + 7
    assert cooked.mixes


def test_a_score_depends_on_the_batch_with_a_minibatch_trick_and_not_without() -> None:
    torch.manual_seed(0)
    images = torch.randn(8, 1, 16, 16)
    for tricks, alike in (({}, True), ({"minibatch_std": 4}, False), ({"minibatch_discrimination": None}, False)):
        discriminator = cook(tricks, discriminator_norm="none").discriminator(SHAPE)
        assert torch.allclose(discriminator(images)[:4], discriminator(images[[0, 0, 0, 0]])[:1]) is False
        same = torch.allclose(discriminator(images)[0], discriminator(images[[0, 0, 0, 0]])[0], atol=1e-7)
        assert same is alike


@pytest.mark.parametrize("constraint", ["gradient_penalty", "r1", "r2"])
def test_minibatch_discrimination_is_refused_under_a_penalty_on_single_samples(constraint: str) -> None:
    with pytest.raises(BenchError, match=f"{constraint} penalises the gradient of single samples"):
        cook({"minibatch_discrimination": None}, objective="non_saturating", constraint=(constraint,))


def test_minibatch_discrimination_is_refused_where_every_layer_is_bounded() -> None:
    with pytest.raises(BenchError, match=r"x.tricks.minibatch_discrimination: spectral_norm bounds every layer"):
        cook({"minibatch_discrimination": None}, objective="hinge", constraint=("spectral_norm",))


def test_clipping_reaches_the_tensor_of_minibatch_discrimination() -> None:
    cooked = cook({"minibatch_discrimination": None}, objective="wasserstein", constraint=("weight_clip",))
    game = play(cooked)
    tensor = game.players["discriminator"].mix[0].tensor
    assert tensor.abs().max() > 0.01
    game.round[0].after()
    assert tensor.abs().max() <= 0.01
    assert tensor.any()


def test_minibatch_std_stands_beside_a_penalty_as_published() -> None:
    cooked = cook({"minibatch_std": 4}, objective="wasserstein", constraint=("gradient_penalty",))
    assert play(cooked).round[0].loss(batch(), {"latent": torch.randn(8, 100)})["gradient_penalty"].isfinite()


def test_matched_features_cost_nothing() -> None:
    """Real samples that are the generated ones have the same features."""
    game = play(cook({"feature_matching": 3.0}, discriminator_norm="none"))
    noise = game.noise(8, CPU)
    game.players["generator"].eval()
    images = game.players["generator"](noise["latent"]).detach()
    assert game.round[1].loss(Batch(images, batch().labels), noise)["generator_total"].item() == 0
    assert game.round[1].loss(batch(), noise)["generator_total"].item() > 0


def test_feature_matching_is_the_squared_distance_of_the_means() -> None:
    game = play(cook({"feature_matching": 3.0}, discriminator_norm="none"))
    noise, real = game.noise(8, CPU), batch()
    features = game.players["discriminator"].features
    means = [features(images).mean(0) for images in (real.images, game.players["generator"](noise["latent"]))]
    expected = 3 * (means[0] - means[1]).square().sum()
    losses = game.round[1].loss(real, noise)
    assert [*losses] == ["generator_total", "generator"]
    torch.testing.assert_close(losses["generator_total"], expected)
    added = play(cook({"feature_matching": {"weight": 3.0, "replaces": False}}, discriminator_norm="none"))
    losses = added.round[1].loss(real, noise)
    torch.testing.assert_close(losses["generator_total"], expected + losses["generator"])


def test_feature_matching_teaches_the_generator_alone() -> None:
    game = play(cook({"feature_matching": None}))
    game.players["discriminator"].requires_grad_(False)
    game.round[1].loss(batch(), game.noise(8, CPU))["generator_total"].backward()
    assert all(weight.grad is not None for weight in game.players["generator"].parameters())


def test_smoothed_labels_change_the_discriminators_loss_alone() -> None:
    real, fake = torch.tensor([2.0]), torch.tensor([-1.0])
    for objective in ("minimax", "non_saturating", "least_squares"):
        plain, smooth = (cook(tricks, objective=objective).objective for tricks in ({}, {"label_smoothing": 0.9}))
        assert smooth.discriminator(real, fake) > plain.discriminator(real, fake)
        assert smooth.generator(fake) == plain.generator(fake)


def test_smoothing_least_squares_moves_the_real_label_alone() -> None:
    assert cook({"label_smoothing": 0.9}, objective="least_squares").objective == LeastSquares(0.9, 0.0, 1.0)


@pytest.mark.parametrize("objective", ["wasserstein", "hinge", "relativistic", "f_gan"])
def test_smoothing_is_refused_where_there_are_no_labels(objective: str) -> None:
    constraint = ("gradient_penalty",) if objective == "wasserstein" else ()
    with pytest.raises(BenchError, match=r"x.tricks.label_smoothing: .* taught labels"):
        cook({"label_smoothing": 0.9}, objective=objective, constraint=constraint)


def test_convolutions_are_refused_for_points() -> None:
    with pytest.raises(BenchError, match="not points of dimension 2"):
        cook({}, "dcgan", shape=PointShape(2))


@pytest.mark.parametrize(
    "tricks",
    [{"packing": 2}, {"minibatch_discrimination": None}, {"minibatch_std": 4}, {"feature_matching": None}],
    ids=lambda tricks: next(iter(tricks)),
)
def test_both_losses_can_be_traced_whole(tricks: dict[str, object]) -> None:
    game, real = play(cook(tricks, discriminator_norm="none")), batch()
    noise = game.noise(8, CPU)
    for move in game.round:
        traced = torch.compile(lambda move=move: move.loss(real, noise), backend="eager", fullgraph=True)()
        for name, loss in move.loss(real, noise).items():
            torch.testing.assert_close(traced[name], loss)
