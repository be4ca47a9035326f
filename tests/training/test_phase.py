"""A phase finds the gradients of its own players; torch's steps; captured work leaves no trace of its making."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from small_games import BATCH, CPU, SHAPE, declared, image_stream, play, toy_game, trainer_of
from torch import nn

from ganbench.data.batches import Batch, ImageStream
from ganbench.data.translation.domains import Domains
from ganbench.data.translation.stream import DomainStream
from ganbench.errors import BenchError
from ganbench.games.generation import generation
from ganbench.games.optimizer import OPTIMIZERS
from ganbench.games.optimizers.sgd import SGD
from ganbench.games.translation.recipe import recipe
from ganbench.networks.network import ImageShape
from ganbench.params import Choice, TranslationVariant
from ganbench.training import phase, trainer
from ganbench.training.device import pick_path
from ganbench.training.distributed import ALONE
from ganbench.training.phase import WARM_UPS, Captured, Phase
from ganbench.training.state import load_random, random_state
from ganbench.training.trainer import Trainer


@pytest.mark.parametrize(
    ("name", "options"),
    [*((name, {}) for name in OPTIMIZERS.entries()), ("adam", {"betas": [0.0, 0.9]}), ("sgd", {"momentum": 0.9})],
)
def test_our_steps_are_those_of_torch(name: str, options: dict) -> None:
    entry = OPTIMIZERS.build(Choice(name=name, options=options), "x", inline=True)
    torch.manual_seed(0)
    ours = [nn.Parameter(torch.randn(3, 4, 5, 5).to(memory_format=torch.channels_last)), nn.Parameter(torch.randn(7))]
    theirs = [nn.Parameter(weight.detach().clone()) for weight in ours]
    steps, built = entry.steps(ours, 0.1), entry.build(theirs, 0.1)
    for _ in range(5):
        gradients = [torch.randn_like(weight).detach() for weight in ours]
        steps.step(gradients)
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = gradient.clone()
        built.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


def phases_of(made, compiled: bool = False, bf16: bool = False) -> tuple[nn.ModuleDict, list[Phase]]:
    torch.manual_seed(0)
    game = generation(made, SHAPE)
    game.players.to(memory_format=torch.channels_last)
    steps = {name: made.optimizer.steps(player.parameters(), 0.1) for name, player in game.players.items()}
    key = "engine.path" if compiled else None
    return game.players, [Phase(move, steps, bf16, key, CPU, ALONE) for move in game.round]


@pytest.mark.parametrize("constraint", [{}, {"gradient_penalty": 10.0}, {"r1": 1.0}], ids=str)
def test_gradients_are_those_of_backward_in_the_memory_format_of_the_weights(constraint: dict) -> None:
    made = declared(network={"dcgan": {"width": 4}}, objective="non_saturating", constraint=constraint)
    players, phases = phases_of(made)
    batch, noise = image_stream().next(), {"latent": torch.randn(BATCH, 100)}
    for one in phases:
        random = random_state(CPU)
        _, found = one.gradients(batch, noise)
        gradients = one._laid_out(found)
        load_random(random, CPU)
        players.zero_grad()
        next(iter(one.move.loss(batch, noise).values())).backward()
        (trained,) = one.move.trains
        weights = list(players[trained].parameters())
        assert len(weights) == len(gradients)
        for weight, gradient in zip(weights, gradients, strict=True):
            assert gradient.stride() == weight.stride()
            torch.testing.assert_close(gradient, weight.grad, rtol=1e-5, atol=1e-7)


def test_a_weight_that_the_loss_does_not_depend_on_has_gradient_0() -> None:
    used, unused = nn.Linear(1, 1), nn.Linear(1, 1)
    game = toy_game([], d={})
    (move,) = game.round
    steps = {"d": SGD(lr=1.0).steps([*used.parameters(), *unused.parameters()], 1.0)}
    alone = type(move)(("d",), lambda batch, noise: {"d": used(torch.ones(1, 1)).sum()})
    batch = Batch(torch.ones(1, 1), torch.zeros(1))
    _, gradients = Phase(alone, steps, False, None, CPU, ALONE).gradients(batch, {})
    assert [gradient.item() for gradient in gradients] == [1, 1, 0, 0]


def test_bf16_networks_have_float32_losses_and_gradients() -> None:
    made = declared(network={"dcgan": {"width": 4}}, objective="wasserstein", constraint={"gradient_penalty": 10.0})
    _, (one, _) = phases_of(made, bf16=True)
    losses, gradients = one.gradients(image_stream().next(), {"latent": torch.randn(BATCH, 100)})
    assert {tensor.dtype for tensor in (*losses.values(), *gradients)} == {torch.float32}


def test_captured_is_for_cuda_alone() -> None:
    assert (pick_path("auto", CPU), pick_path("captured", torch.device("cuda"))) == ("eager", "captured")
    with pytest.raises(BenchError, match=r"engine.path: 'captured': needs a CUDA device; allowed here: auto, eager"):
        pick_path("captured", CPU)


class Rehearsal:
    """In the place of a CUDA graph: the same work again, its result in the same place."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured

    def replay(self) -> None:
        result = self._captured._work()
        if result is not None:
            self._captured._result.copy_(result)


@pytest.fixture
def rehearsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Captured phases without CUDA: all but the capture itself. What was captured is written down."""
    written: list[str] = []

    def warm_up(self: Captured) -> None:
        for _ in range(WARM_UPS):
            self._work()

    def record(self: Captured) -> None:
        written.append(self._what)
        self._result = torch.zeros_like(result) if (result := self._work()) is not None else None
        self._graph = Rehearsal(self)

    monkeypatch.setattr(Captured, "_warm_up", warm_up)
    monkeypatch.setattr(Captured, "_record", record)
    monkeypatch.setattr(trainer, "pick_path", lambda path, device: path)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: (0, 0))
    return written


def reside(stream: ImageStream) -> None:
    """As on a GPU that the split fits on."""
    stream._resident = Batch(*map(torch.tensor, (stream._images, stream._labels, stream._captions)))


def resident_trainer(made, resident: bool, path: str) -> Trainer:
    torch.manual_seed(0)
    game = generation(made, SHAPE)
    stream = image_stream()
    if resident:
        reside(stream)
    return Trainer(game, made.optimizer, stream, BATCH, "fp32", CPU, path)


@pytest.mark.parametrize("resident", [True, False])
def test_a_rehearsed_capture_gives_the_numbers_of_eager(rehearsed: list[str], resident: bool) -> None:
    made = declared(
        network={"dcgan": {"width": 4}},
        objective="wasserstein",
        constraint={"gradient_penalty": 10.0},
        critic_steps=2,
        tricks={"ema": 0.01},
    )
    eager = resident_trainer(made, resident, "eager")
    expected, last = play(eager, 6), eager.state()
    captured = resident_trainer(made, resident, "captured")
    assert play(captured, 6) == expected
    found = captured.state()
    assert found.keys() == last.keys()
    assert not [name for name in last if not torch.equal(found[name], last[name])]
    assert rehearsed == ["the move of discriminator", "the move of generator", "the moving averages"]


def test_a_rehearsed_capture_resumes_to_the_bit(rehearsed: list[str]) -> None:
    made = declared(tricks={"ema": 0.01}, constraint={"spectral_norm": None})
    whole = resident_trainer(made, True, "captured")
    play(whole, 3)
    state = whole.state()
    expected, last = play(whole, 3), whole.state()
    for again in (whole, resident_trainer(made, True, "captured")):
        again.load_state(state)
        assert play(again, 3) == expected
        assert not [name for name, tensor in again.state().items() if not torch.equal(tensor, last[name])]


TRANSLATIONS = {
    "paired": {"network": {"unet": {"width": 2}}},
    "cycle": {"network": {"resnet": {"width": 2, "blocks": 1}}},
    "disco": {"network": {"encoder_decoder": {"width": 2, "code": 4}}},
}


@pytest.mark.parametrize("resident", [True, False])
@pytest.mark.parametrize("game", TRANSLATIONS)
def test_translations_are_captured_with_their_memories(
    rehearsed: list[str], game: str, resident: bool, small_domains: Path
) -> None:
    """Dropout, a pool that fills in the middle of a batch, and a schedule that counts."""
    options = {"cycle": {"identity": 0, "pool": 6}, "disco": {"early_kimg": 0.03}}.get(game)
    axes = TRANSLATIONS[game] | {"discriminator": {"patch": {"receptive": 16, "width": 2}}, "objective": "minimax"}
    made = recipe(TranslationVariant.model_validate(axes | {"game": {game: options}}), 16, "x")
    rounds, states = [], []
    for path in ("eager", "captured"):
        torch.manual_seed(0)
        stream = DomainStream(Domains.open(small_domains), made.game.pairs, BATCH, 0, CPU)
        for half in (stream._a, stream._b) if resident else ():
            reside(half)
        played = Trainer(
            made.build(ImageShape(1, 16), ImageShape(3, 16), BATCH), made.optimizer, stream, BATCH, "fp32", CPU, path
        )
        torch.manual_seed(1)
        rounds.append(play(played, 6))
        states.append(played.state())
    assert rounds[0] == rounds[1]
    assert not [name for name in states[0] if not torch.equal(states[0][name], states[1][name])]
    assert rehearsed


def test_a_game_that_begins_with_a_move_that_does_not_count_is_captured_too(rehearsed: list[str]) -> None:
    rounds = []
    for path in ("eager", "captured"):
        torch.manual_seed(0)
        game = toy_game([], g={"counts": False}, d={"repeats": 2}, lazy={"every": 2})
        rounds.append(play(Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU, path), 5))
    assert rounds[0] == rounds[1]


def test_a_capture_that_fails_says_so(rehearsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def record(self: Captured) -> None:
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing\nand more")

    monkeypatch.setattr(Captured, "_record", record)
    with pytest.raises(BenchError, match=r"the move of discriminator can't be captured: CUDA error.*; allowed: eager$"):
        trainer_of(declared(), "captured").play_round()


def test_a_move_that_does_not_compile_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase, "BACKEND", "aot_eager")
    game = toy_game([], d={})
    (move,) = game.round

    def loss(batch, noise):
        terms = move.loss(batch, noise)
        assert terms["d"].item() < 1e9  # a graph break
        return terms

    game = type(game)(game.players, (type(move)(move.trains, loss),), game.noise, {})
    with pytest.raises(BenchError, match=r"^params.yaml: engine.path: 'compiled': the move of d can't be compiled: \S"):
        Trainer(game, SGD(lr=0.1), image_stream(), BATCH, "fp32", CPU, "compiled").play_round()
