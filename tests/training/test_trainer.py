"""The trainer plays any game, in the declared order, stops where it must, and goes on where it stopped."""

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
import torch
from safetensors.torch import load, save
from small_games import BATCH, CPU, declared, image_stream, play, toy_game, trainer_of
from torch import Tensor, nn

from ganbench.errors import BenchError
from ganbench.games.game import Game
from ganbench.games.optimizer import OPTIMIZERS, Optimizer
from ganbench.games.optimizers.sgd import SGD
from ganbench.games.recipe import image_recipe
from ganbench.params import Params
from ganbench.training.average import Average
from ganbench.training.distributed import Ranks
from ganbench.training.reading import Reading
from ganbench.training.trainer import Trainer


def test_a_round_repeats_and_skips_moves_as_declared() -> None:
    log: list[str] = []
    game = toy_game(log, d={"repeats": 2}, g={"counts": False}, lazy={"every": 3, "counts": False})
    trainer = Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU)
    for _ in range(4):
        trainer.play_round()
    assert log == [*"ddg", "lazy", *"ddg", *"ddg", *"ddg", "lazy"]
    assert trainer.images == 4 * 2 * 4, "only the moves that count spend the budget"
    assert game.images_per_round(4) == 8


def test_a_move_changes_its_own_players_alone() -> None:
    game = toy_game([], d={}, g={"every": 2, "counts": False})
    trainer = Trainer(game, SGD(lr=0.5), image_stream(), BATCH, "fp32", CPU)
    trainer.play_round()
    before = {name: player.weight.item() for name, player in trainer.players.items()}
    trainer.play_round()
    assert trainer.players["d"].weight.item() < before["d"]
    assert trainer.players["g"].weight.item() == before["g"]
    assert all(player.weight.grad is None for player in trainer.players.values())


def steps_of_d(optimizer: Optimizer, rounds: int | None) -> list[float]:
    """How far the weight of a toy player, whose gradient does not depend on it, moves in each of six rounds."""
    torch.manual_seed(0)
    trainer = Trainer(toy_game([], d={}), optimizer, image_stream(), BATCH, "fp32", CPU)
    trainer.rounds = rounds
    at = [trainer.players["d"].weight.item()]
    for _ in range(6):
        trainer.play_round()
        at.append(trainer.players["d"].weight.item())
    return [before - after for before, after in itertools.pairwise(at)]


@pytest.mark.parametrize("name", OPTIMIZERS.entries())
def test_rates_fall_linearly_from_where_it_is_declared(name: str) -> None:
    entry = OPTIMIZERS.entries()[name]
    constant, falling = (steps_of_d(entry(lr=0.5, decay_from=start), 6) for start in (None, 0.5))
    shares = [step / whole for step, whole in zip(falling, constant, strict=True)]
    assert shares == pytest.approx([1, 1, 1, 1, 2 / 3, 1 / 3], rel=1e-3)
    assert steps_of_d(entry(lr=0.5, decay_from=0.5), None) == constant, "nobody said how long the training is"


@pytest.mark.parametrize("name", OPTIMIZERS.entries())
def test_on_two_time_scales_the_discriminators_steps_alone_are_other(name: str) -> None:
    entry = OPTIMIZERS.entries()[name]
    steps = []
    for options in ({}, {"discriminator_lr": 0.25}):
        torch.manual_seed(0)
        game = toy_game([], discriminator={"repeats": 2}, generator={"counts": False}, discriminator_b={})
        trainer = Trainer(game, entry(lr=0.5, **options), image_stream(), BATCH, "fp32", CPU)
        before = {name: player.weight.item() for name, player in trainer.players.items()}
        trainer.play_round()
        steps.append({name: before[name] - player.weight.item() for name, player in trainer.players.items()})
    one, two = steps
    assert two["generator"] == one["generator"] != 0
    for player in ("discriminator", "discriminator_b"):
        assert two[player] == pytest.approx(one[player] / 2, rel=1e-4)


def test_a_graph_can_not_follow_a_falling_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganbench.training.trainer.pick_path", lambda name, device: name)  # as on a GPU
    with pytest.raises(BenchError, match=r"^params.yaml: engine.path: 'captured': .*decay_from"):
        Trainer(toy_game([], d={}), SGD(lr=0.1, decay_from=0.5), image_stream(), BATCH, "fp32", CPU, "captured")


def test_losses_are_read_for_every_round_at_once() -> None:
    game = toy_game([], d={}, g={})
    trainer = Trainer(game, SGD(lr=1e-3), image_stream(), BATCH, "fp32", CPU)
    for _ in range(3):
        trainer.play_round()
    readings = list(trainer.read())
    assert [(reading.iteration, reading.images) for reading in readings] == [(1, 8), (2, 16), (3, 24)]
    assert all([*reading.losses] == ["d", "g"] for reading in readings)
    assert len({reading.losses["d"] for reading in readings}) == 3
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


def test_settled_batch_norm_has_the_statistics_under_the_averaged_weights() -> None:
    module = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    nn.init.ones_(module[0].weight)
    average = Average(module, half_life=100)
    nn.init.constant_(module[0].weight, 3.0)
    average.update(100)  # the averaged weight is 2
    batches = [torch.randn(50, 1) + 5 for _ in range(8)]
    settled = average.settled((batch,) for batch in batches)
    assert isinstance(settled, nn.Sequential)
    norm = settled[1]
    assert norm.running_mean.item() == pytest.approx(2 * torch.cat(batches).mean().item(), rel=1e-5)
    assert norm.running_var.item() == pytest.approx(4 * torch.stack([one.var() for one in batches]).mean().item())
    assert norm.momentum == module[1].momentum
    assert average.unsettled
    assert torch.equal(average.module[1].running_mean, torch.zeros(1)), "a copy was settled"


CONDITIONED: dict[str, dict] = {
    "nothing": {},
    "labels": {"condition": {"label": "projection"}},
    "captions": {"condition": "text"},
}


@pytest.mark.parametrize("axes", CONDITIONED.values(), ids=CONDITIONED)
def test_what_is_shown_is_settled_and_leaves_no_trace(axes: dict) -> None:
    made = declared(network={"dcgan": {"width": 4}}, tricks={"ema": 0.1}, **axes)
    played = trainer_of(made)
    for _ in range(3):
        played.play_round()
    expected = played.state()
    looked = trainer_of(made)
    for _ in range(3):
        looked.shown("generator")
        looked.play_round()
    assert_same(looked.state(), expected)
    shown, average = looked.shown("generator"), looked.averages["generator"].module
    assert shown is looked.shown("generator") is not average
    own, theirs = shown.state_dict(), average.state_dict()
    moved = {name for name, value in own.items() if not torch.equal(value, theirs[name])}
    assert moved == {name for name in own if "running_" in name or "num_batches" in name}
    looked.play_round()
    assert looked.shown("generator") is not shown


def test_a_player_without_an_average_or_without_batch_norm_is_shown_as_it_is() -> None:
    plain = trainer_of(declared(network={"dcgan": {"width": 4}}))
    assert plain.shown("generator") is plain.players["generator"]
    norm_free = trainer_of(declared(network={"r3gan": {"width": 8}}, tricks={"ema": 0.1}))
    assert norm_free.shown("generator") is norm_free.averages["generator"].module


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    different = [name for name in one if not torch.equal(one[name], other[name])]
    assert not different


def resumes(build: Callable[[int], Trainer]) -> None:
    """Five rounds at once are three, a state on disk, and two more by a new trainer that began otherwise."""
    whole = build(0)
    play(whole, 2)
    for _ in range(3):
        whole.play_round()
    expected = whole.state()
    first = build(0)
    play(first, 2)
    first.play_round()
    saved = save(first.state())
    second = build(1)
    play(second, 1)
    second.load_state(load(saved))
    for _ in range(2):
        second.play_round()
    assert_same(second.state(), expected)
    found = list(second.read())
    assert [reading.iteration for reading in found] == [3, 4, 5]
    assert found == list(whole.read())


VARIANTS = ["gan", "gan_ns", "dcgan", "wgan", "wgan_gp"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_resumes_to_the_bit(variant: str, small_params: Params) -> None:
    made = image_recipe(small_params, variant)
    resumes(lambda seed: trainer_of(made, seed=seed))


def test_the_variants_above_are_those_of_the_project(small_params: Params) -> None:
    assert set(VARIANTS) <= set(small_params.images.variants)


COMPOSITIONS = {
    "spectral_norm": {"network": {"dcgan": {"width": 4}}, "objective": "hinge", "constraint": {"spectral_norm": None}},
    "dropout": {"network": {"mlp": {"width": 8, "dropout": 0.5}}, "critic_steps": 3},
    "batch_norm": {"network": {"mlp": {"width": 8, "discriminator_norm": "batch"}}, "tricks": {"ema": 0.01}},
    "penalties": {"objective": "relativistic", "constraint": {"r1": 1.0, "r2": 1.0}},
    **{name: {"optimizer": {"name": name}} for name in OPTIMIZERS.entries()},
    "momentum": {"optimizer": {"name": "sgd", "momentum": 0.9}},
}


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_compositions_resume_to_the_bit(composition: str) -> None:
    made = declared(**COMPOSITIONS[composition])
    resumes(lambda seed: trainer_of(made, seed=seed))


def test_bf16_resumes_to_the_bit() -> None:
    made = declared(network={"dcgan": {"width": 4}})
    resumes(lambda seed: trainer_of(made, precision="bf16", seed=seed))


def test_lazy_moves_and_the_batch_that_was_seen_last_are_put_back() -> None:
    def build(seed: int) -> Trainer:
        torch.manual_seed(seed)
        game = toy_game([], g={"counts": False}, lazy={"every": 3, "counts": False}, d={"repeats": 2})
        return Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU)

    resumes(build)


class Pool(nn.Module):
    """A memory of the mean of what was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()), persistent=False)


def test_the_memory_of_a_game_is_put_back() -> None:
    def build(seed: int) -> Trainer:
        torch.manual_seed(seed)
        pool = Pool()
        game = toy_game([], memory=pool, d={})
        (move,) = game.round

        def loss(batch, noise):
            pool.seen.add_(noise["latent"].mean())
            return {name: term * pool.seen for name, term in move.loss(batch, noise).items()}

        game = Game(game.players, (type(move)(move.trains, loss),), game.noise, {}, pool)
        return Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU)

    resumes(build)


def test_a_state_is_a_copy() -> None:
    trainer = trainer_of(declared(tricks={"ema": 0.01}))
    play(trainer, 1)
    state = trainer.state()
    kept = {name: tensor.clone() for name, tensor in state.items()}
    play(trainer, 2)
    assert_same(state, kept)


def test_a_state_of_another_game_is_refused_before_anything_changes() -> None:
    trainer, other = trainer_of(declared()), trainer_of(declared(network={"mlp": {"width": 16}}), seed=1)
    before = trainer.state()
    with pytest.raises(BenchError, match="not the state of this training: "):
        trainer.load_state(other.state())
    with pytest.raises(BenchError, match="random/cpu"):
        trainer.load_state({name: tensor for name, tensor in before.items() if name != "random/cpu"})
    assert_same(trainer.state(), before)


def test_weights_keep_their_memory_format_when_put_back() -> None:
    made = declared(network={"dcgan": {"width": 4}})
    trainer, other = trainer_of(made), trainer_of(made, seed=1)
    play(trainer, 1)
    other.load_state(trainer.state())
    for name, tensor in other._tensors().items():
        assert tensor.stride() == trainer._tensors()[name].stride(), name


class Half(Ranks):
    """One of two processes, and nobody to meet."""

    def mean_(self, tensors: Sequence[Tensor]) -> None:
        """Its own will do."""


def test_ranks_share_the_noise_and_the_batch_of_one_process() -> None:
    seen: dict[int, list[Tensor]] = {}
    for index, ranks in enumerate([Ranks(), Half(2, 0), Half(2, 1)]):
        torch.manual_seed(0)
        game, seen[index] = toy_game([], d={}), []
        (move,) = game.round

        def loss(batch, noise, move=move, log=seen[index]):
            log += [batch.images, batch.labels, noise["latent"]]
            return move.loss(batch, noise)

        game = Game(game.players, (type(move)(move.trains, loss),), game.noise, {})
        trainer = Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU, ranks=ranks)
        trainer.play_round()
        trainer.play_round()
        assert trainer.images == 2 * BATCH, "images are counted over all ranks"
    for whole, one, two in zip(*seen.values(), strict=True):
        assert torch.equal(whole, torch.cat([one, two]))
