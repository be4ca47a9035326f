"""Eager, compiled and captured give the same numbers: losses of 20 rounds, gradients of penalties, weights.

Tolerance: 1e-4 of each loss, or 1e-5 near 0. The paths sum in other orders, so float32 differs in the last digits, and
training carries these on from round to round.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator

import pytest
import torch
from small_games import BATCH, CPU, declared, image_stream, play, trainer_of

from ganbench.objectives.constraint import CONSTRAINTS
from ganbench.objectives.objective import OBJECTIVES
from ganbench.training import phase
from ganbench.training.reading import Reading
from ganbench.training.trainer import Trainer

ROUNDS = 20
RELATIVE, ABSOLUTE = 1e-4, 1e-5
TINY = {
    "network": {"mlp": {"width": 4, "depth": 1, "latent": 4, "dropout": 0.0}},
    "optimizer": {"lr": 1e-3, "betas": [0.5, 0.999]},
}


def allowed() -> Iterator[tuple[str, str]]:
    """Every objective with every constraint, and with none, where that makes sense."""
    for (objective, entry), constraint in itertools.product(OBJECTIVES.entries().items(), ["", *CONSTRAINTS.entries()]):
        if not entry().objection([constraint] if constraint else []):
            yield objective, constraint


def assert_close(found: list[Reading], expected: list[Reading]) -> None:
    assert len(found) == len(expected) == ROUNDS
    for one, other in zip(found, expected, strict=True):
        assert one.losses == pytest.approx(other.losses, rel=RELATIVE, abs=ABSOLUTE), f"round {one.iteration}"


def gradients(trainer: Trainer, move: int) -> tuple[torch.Tensor, ...]:
    """Of a move, at given random numbers."""
    wide = trainer.players["generator"].latent_dim
    noise = {"latent": torch.randn(BATCH, wide, generator=torch.Generator().manual_seed(0)).to(trainer._device)}
    batch = image_stream(device=trainer._device).next()
    torch.manual_seed(1)
    return trainer._phases[move].gradients(batch, noise)[1]


def assert_same_numbers(made, move: int, path: str = "compiled", device: torch.device = CPU) -> None:
    """One move goes the path, the others stay eager."""
    tried, eager = trainer_of(made, path, device=device), trainer_of(made, device=device)
    for at, one in enumerate(tried._phases):
        if at != move:
            one.gradients = one._gradients
    found, expected = gradients(tried, move), gradients(eager, move)
    assert any(gradient.abs().max() > 100 * ABSOLUTE for gradient in expected)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=RELATIVE, atol=ABSOLUTE)
    rounds = []
    for trainer in (tried, eager):
        torch.manual_seed(2)
        rounds.append(play(trainer, ROUNDS))
    assert_close(*rounds)


@pytest.fixture
def _quick_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler up to its last stage: all is traced, double backward included, and no C++ is written."""
    monkeypatch.setattr(phase, "BACKEND", "aot_eager")


@pytest.mark.parametrize(("objective", "constraint"), list(allowed()))
def test_a_compiled_discriminator_is_the_eager_one(
    objective: str, constraint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are traced as one graph; the graph of the gradient is made for each constraint with one objective."""
    monkeypatch.setattr(phase, "BACKEND", "aot_eager" if objective == "wasserstein" else "eager")
    assert_same_numbers(declared(**TINY, objective=objective, constraint={constraint: None} if constraint else {}), 0)


@pytest.mark.usefixtures("_quick_compiler")
@pytest.mark.parametrize("objective", OBJECTIVES.entries())
def test_a_compiled_generator_is_the_eager_one(objective: str) -> None:
    assert_same_numbers(declared(**TINY, objective=objective, constraint={"spectral_norm": None}), 1)


@pytest.mark.usefixtures("_quick_compiler")
@pytest.mark.parametrize(
    "axes",
    [
        {"objective": "wasserstein", "constraint": {"gradient_penalty": None, "spectral_norm": None}},
        {"objective": "relativistic", "constraint": {"r1": None, "r2": None}},
        {"network": {"mlp": {"width": 4, "latent": 4, "dropout": 0.3, "discriminator_norm": "batch"}}},
        {"network": {"dcgan": {"width": 4, "latent": 4}}, "objective": "hinge"},
        {"condition": {"label": "concatenation"}, "objective": "wasserstein", "constraint": {"gradient_penalty": None}},
        {"condition": {"label": "auxiliary"}},
        {"condition": {"text": "concatenation"}, "objective": "relativistic", "constraint": {"r1": None}},
    ],
    ids=str,
)
def test_compositions_compile(axes: dict) -> None:
    assert_same_numbers(declared(**TINY | axes), 0)


@pytest.mark.usefixtures("_quick_compiler")
def test_a_conditional_generator_compiles() -> None:
    assert_same_numbers(declared(**TINY, condition={"text": {"augmentation": 1.0}}), 1)


@pytest.mark.skipif(shutil.which("g++") is None, reason="the compiler's last stage needs g++")
def test_compiled_to_machine_code_it_is_the_eager_one() -> None:
    made = declared(**TINY, objective="wasserstein", constraint={"gradient_penalty": None})
    assert_same_numbers(made, 0)


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
COMPOSITIONS = {
    "plain": {"network": {"dcgan": {"width": 4, "latent": 4}}, "tricks": {"ema": 0.1}},
    "penalty": {"objective": "wasserstein", "constraint": {"gradient_penalty": None}, "critic_steps": 3},
    "spectral_norm": {"objective": "hinge", "constraint": {"spectral_norm": None}, "tricks": {"ema": 0.1}},
    "dropout": {"network": {"mlp": {"width": 8, "latent": 4, "dropout": 0.3}}},
    "clip": {"objective": "wasserstein", "constraint": {"weight_clip": 0.01}, "optimizer": {"name": "rmsprop"}},
    "momentum": {"optimizer": {"name": "sgd", "momentum": 0.9}},
    "label": {"condition": {"label": "projection"}},
    "text": {"condition": "text"},
}


def cuda_trainer(composition: str, path: str, precision: str = "fp32", seed: int = 0) -> Trainer:
    made = declared(**TINY | COMPOSITIONS[composition])
    return trainer_of(made, path, precision, torch.device("cuda"), seed)


@needs_cuda
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_captured_is_eager(composition: str, precision: str) -> None:
    captured, eager = (play(cuda_trainer(composition, path, precision), ROUNDS) for path in ("captured", "eager"))
    assert_close(captured, eager)


@needs_cuda
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_compiled_is_eager_on_cuda(composition: str) -> None:
    compiled, eager = (play(cuda_trainer(composition, path), ROUNDS) for path in ("compiled", "eager"))
    assert_close(compiled, eager)


@needs_cuda
@pytest.mark.parametrize("path", ["eager", "captured"])
def test_nothing_waits_for_the_device_between_readings(path: str) -> None:
    trainer = cuda_trainer("penalty", path)
    play(trainer, 2)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(ROUNDS):  # several epochs: the order is written anew on the way
            trainer.play_round()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(list(trainer.read())) == ROUNDS


@needs_cuda
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_a_captured_training_resumes(composition: str) -> None:
    whole = cuda_trainer(composition, "captured")
    play(whole, 3)
    state = whole.state()
    expected = play(whole, ROUNDS)
    for again in (whole, cuda_trainer(composition, "captured", seed=1)):
        again.load_state(state)
        assert_close(play(again, ROUNDS), expected)
