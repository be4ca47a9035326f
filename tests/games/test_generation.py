"""The game of two players, and what can be declared."""

import copy
import itertools
from pathlib import Path

import pytest
import torch

from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.generation import generation
from ganbench.games.optimizer import OPTIMIZERS
from ganbench.games.recipe import recipe
from ganbench.games.trick import TRICKS
from ganbench.networks.dcgan import DCGAN
from ganbench.networks.network import NETWORKS, ImageShape
from ganbench.objectives.constraint import CONSTRAINTS
from ganbench.objectives.constraints.spectral_norm import SpectralNorm
from ganbench.objectives.objective import OBJECTIVES
from ganbench.params import Choice, Variant

SHAPE = ImageShape(1, 16)


def declare(
    network: str = "mlp",
    objective: str = "minimax",
    constraint: tuple[str, ...] = (),
    norm: dict[str, str] | None = None,
    **others: object,
) -> Variant:
    return Variant(
        network=Choice(name=network, options={"capacity" if network == "blocks" else "width": 8, **(norm or {})}),
        objective=Choice(name=objective),
        constraint=tuple(Choice(name=name) for name in constraint),
        **others,
    )


def tricks(**options: object) -> tuple[Choice, ...]:
    return tuple(Choice(name=name, options=option) for name, option in options.items())


def batch(size: int = 8) -> Batch:
    return Batch(torch.rand(size, 1, 16, 16) * 2 - 1, torch.zeros(size, dtype=torch.int64))


def sensible(objective: str, constraint: tuple[str, ...]) -> bool:
    return OBJECTIVES.entries()[objective]().objection(constraint) is None


ALONE = [(), *((name,) for name in CONSTRAINTS.entries())]
EVERY_LOSS = [("mlp", *both) for both in itertools.product(OBJECTIVES.entries(), ALONE) if sensible(*both)]
EVERY_NETWORK = [
    (name, "wasserstein", only)
    for (name, entry), only in itertools.product(NETWORKS.entries().items(), ALONE)
    if only and not entry().constraint_objection(only)
]
EVERY_TRICK = [
    (network, "non_saturating", (), name) for name in TRICKS.entries() for network in NETWORKS.entries()
]  # fmt: skip

CROSSED = [
    ("dcgan", "relativistic", ("r1", "r2"), None),
    ("resnet", "wasserstein", ("gradient_penalty", "spectral_norm"), None),
    ("dcgan", "relativistic", ("r1", "r2"), "packing"),
    ("dcgan", "wasserstein", ("weight_clip",), "minibatch_discrimination"),
    ("dcgan", "non_saturating", ("r1",), "minibatch_std"),
    ("blocks", "least_squares", ("gradient_penalty",), "label_smoothing"),
    ("dcgan", "hinge", ("spectral_norm",), "feature_matching"),
    ("blocks", "hinge", ("spectral_norm",), "packing"),
    ("resnet", "hinge", ("spectral_norm",), "minibatch_std"),
]


@pytest.mark.parametrize(
    ("network", "objective", "constraint", "trick"),
    [*((*case, None) for case in (*EVERY_LOSS, *EVERY_NETWORK)), *EVERY_TRICK, *CROSSED],
)
def test_every_composition_of_axes_gives_finite_losses(
    network: str, objective: str, constraint: tuple[str, ...], trick: str | None
) -> None:
    torch.manual_seed(0)
    declared = declare(network, objective, constraint, tricks=tricks(**({trick: None} if trick else {})))
    game = generation(recipe(declared, SHAPE, "x"), SHAPE)
    for move in game.round:
        losses = move.loss(batch(), game.noise(8, torch.device("cpu")))
        assert all(loss.dtype == torch.float32 and loss.isfinite() and loss.ndim == 0 for loss in losses.values())
        next(iter(losses.values())).backward()
        assert any(weight.grad is not None for name in move.trains for weight in game.players[name].parameters())


def test_the_discriminators_loss_has_no_gradient_for_the_generator() -> None:
    game = generation(recipe(declare("dcgan"), SHAPE, "x"), SHAPE)
    loss = next(iter(game.round[0].loss(batch(), game.noise(8, torch.device("cpu"))).values()))
    loss.backward()
    assert all(weight.grad is None for weight in game.players["generator"].parameters())
    assert all(weight.grad is not None for weight in game.players["discriminator"].parameters())


def test_the_first_term_is_the_sum_of_loss_and_penalty() -> None:
    game = generation(recipe(declare("dcgan", "wasserstein", ("gradient_penalty",)), SHAPE, "x"), SHAPE)
    losses = game.round[0].loss(batch(), game.noise(8, torch.device("cpu")))
    assert [*losses] == ["discriminator_total", "discriminator", "gradient_penalty"]
    total = losses["discriminator"] + losses["gradient_penalty"]
    assert losses["discriminator_total"].item() == pytest.approx(total.item(), rel=1e-6)


def test_r1_and_r2_of_a_convolutional_discriminator_are_the_squared_slopes_at_real_and_generated_images() -> None:
    torch.manual_seed(0)
    game = generation(recipe(declare("dcgan", "relativistic", ("r1", "r2")), SHAPE, "x"), SHAPE)
    shown, noise = batch(), game.noise(8, torch.device("cpu"))
    game.players.eval()
    losses = game.round[0].loss(shown, noise)
    for term, images in (("r1", shown.images), ("r2", game.players["generator"](noise["latent"]).detach())):
        places = images.clone().requires_grad_()
        (slopes,) = torch.autograd.grad(game.players["discriminator"](places).sum(), places)
        torch.testing.assert_close(losses[term], 10 / 2 * slopes.square().flatten(1).sum(1).mean())
    torch.testing.assert_close(losses["discriminator_total"], losses["discriminator"] + losses["r1"] + losses["r2"])


def test_saturating_and_non_saturating_generators_learn_differently() -> None:
    gradients = []
    for objective in ("minimax", "non_saturating"):
        torch.manual_seed(0)
        game = generation(recipe(declare("mlp", objective), SHAPE, "x"), SHAPE)
        torch.manual_seed(1)
        game.players.eval()
        loss = game.round[1].loss(batch(), game.noise(8, torch.device("cpu")))["generator"]
        loss.backward()
        gradients.append(torch.cat([weight.grad.flatten() for weight in game.players["generator"].parameters()]))
    assert not torch.allclose(*gradients)
    assert torch.cosine_similarity(*gradients, dim=0) > 0.9, "both pull the same way while the scores are near 0"


def test_critic_steps_and_clipping_reach_the_round() -> None:
    declared = declare("dcgan", "wasserstein", ("weight_clip",), critic_steps=5)
    game = generation(recipe(declared, SHAPE, "x"), SHAPE)
    first, second = game.round
    assert (first.trains, first.repeats, second.trains, second.repeats) == (("discriminator",), 5, ("generator",), 1)
    generator = copy.deepcopy(game.players["generator"].state_dict())
    first.after()
    assert max(weight.abs().max() for weight in game.players["discriminator"].parameters()) <= 0.01
    assert all(torch.equal(weight, generator[name]) for name, weight in game.players["generator"].state_dict().items())


def test_the_average_is_asked_for_by_the_trick() -> None:
    assert generation(recipe(declare(), SHAPE, "x"), SHAPE).average == {}
    averaged = declare(tricks=tricks(ema=2.5))
    average = generation(recipe(averaged, SHAPE, "x"), SHAPE).average
    assert {name: one.half_life for name, one in average.items()} == {"generator": 2500}


def test_generator_steps_reach_the_round() -> None:
    first, second = generation(recipe(declare(generator_steps=3), SHAPE, "x"), SHAPE).round
    assert (first.repeats, second.repeats, second.counts) == (1, 3, False)


def test_a_relativistic_generator_is_told_the_scores_of_the_real_batch() -> None:
    game = generation(recipe(declare("dcgan", "relativistic"), SHAPE, "x"), SHAPE)
    noise, shown = game.noise(8, torch.device("cpu")), batch()
    losses = [game.round[1].loss(images, noise)["generator"] for images in (shown, Batch(-shown.images, shown.labels))]
    assert losses[0] != losses[1]
    losses[0].backward()
    assert all(weight.grad is not None for weight in game.players["generator"].parameters())


def test_spectral_norm_is_refused_on_weights_that_begin_at_0() -> None:
    with pytest.raises(BenchError, match="begin at 0"):
        recipe(declare("r3gan", "hinge", ("spectral_norm",)), SHAPE, "x")


def test_spectral_norm_is_built_into_the_discriminator() -> None:
    plain, normed = (
        recipe(declare("dcgan", "hinge", constraint), SHAPE, "x").discriminator(SHAPE)
        for constraint in ((), ("spectral_norm",))
    )
    assert {*plain.state_dict()} != {*normed.state_dict()}
    assert torch.linalg.matrix_norm(normed.head.weight, 2).item() == pytest.approx(1, abs=1e-3)


def norms(discriminator: torch.nn.Module) -> int:
    return sum(isinstance(part, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d) for part in discriminator.modules())


@pytest.mark.parametrize("network", ["dcgan", "blocks"])
def test_nothing_rescales_a_layer_that_spectral_norm_bounds(network: str) -> None:
    plain, normed = (recipe(declare(network, "hinge", only), SHAPE, "x") for only in ((), ("spectral_norm",)))
    assert norms(plain.discriminator(SHAPE)) > norms(normed.discriminator(SHAPE)) == 0
    with pytest.raises(BenchError) as refused:
        recipe(declare(network, "hinge", ("spectral_norm",), {"discriminator_norm": "batch"}), SHAPE, "x")
    assert refused.value.message == (
        f"params.yaml: x.network: {network}: discriminator_norm: 'batch' undoes spectral_norm: it rescales what each "
        "layer gives; allowed: auto, none"
    )


def steepening(discriminator: torch.nn.Module) -> float:
    """How much steeper the score is between images of a batch when they move to a hundredth of their distances."""
    apart = torch.randn(8, 1, 16, 16)
    slopes = []
    for spread in (1, 0.01):
        images = spread * apart
        rise = torch.pdist(discriminator.train()(images)[:, None])
        slopes.append((rise / torch.pdist(images.flatten(1))).max().item())
    return slopes[1] / slopes[0]


def test_a_spectrally_normalised_critic_grows_no_steeper_where_a_batch_collapses() -> None:
    torch.manual_seed(0)
    made = recipe(declare("dcgan", "hinge", ("spectral_norm",)), SHAPE, "x").discriminator(SHAPE)
    normalising = SpectralNorm().apply(DCGAN(width=8).discriminator(SHAPE, per_sample=False))
    assert steepening(made) < 2
    assert steepening(normalising) > 10, "with batch norm it would"


def test_two_constraints_that_exclude_each_other_are_refused_in_either_order() -> None:
    for names in itertools.permutations(["weight_clip", "gradient_penalty"]):
        with pytest.raises(BenchError, match="makes no sense"):
            recipe(declare("mlp", "wasserstein", names), SHAPE, "x")


@pytest.mark.parametrize("name", OPTIMIZERS.entries())
def test_every_optimiser_takes_two_time_scales(name: str) -> None:
    options = {"lr": 0.5, "discriminator_lr": 0.25}
    optimizer = recipe(declare(optimizer=Choice(name=name, options=options)), SHAPE, "x").optimizer
    assert (optimizer.lr_of("generator"), optimizer.lr_of("discriminator", progress=0.9)) == (0.5, 0.25)
    weight = torch.nn.Parameter(torch.ones(1))
    built = optimizer.build([weight], optimizer.lr)
    weight.grad = torch.ones(1)
    built.step()
    assert weight.item() < 1


def test_networks_and_objectives_know_nothing_of_each_other() -> None:
    source = Path(__file__).parents[2] / "src/ganbench"
    for folder, other in [("networks", "objectives"), ("objectives", "networks")]:
        for path in (source / folder).rglob("*.py"):
            assert f"ganbench.{other}" not in path.read_text(encoding="utf-8"), path
