"""Trainings whose players are told something resume to the bit; those that are told nothing are as they ever were."""

from __future__ import annotations

import pytest
import torch
from small_games import declared, play, trainer_of

CONDITIONS = [
    {"label": "concatenation"},
    {"label": "projection"},
    {"label": "auxiliary"},
    {"text": {"augmentation": 0.5}},
]

BEFORE = [
    (
        {},
        [1.458601, 1.443861, 1.400361, 1.436901],
        [0.519827, 0.500873, 0.529324, 0.508891],
    ),
    (
        {"objective": "wasserstein", "constraint": {"gradient_penalty": None}, "critic_steps": 3},
        [0.116145, 0.04692, -0.107814, -0.04066],
        [-0.364744, -0.399287, -0.453709, -0.399935],
    ),
    (
        {
            "network": {"r3gan": {"width": 4, "blocks": 1, "expansion": 1, "group": 4}},
            "objective": "relativistic",
            "constraint": {"r1": 1.0, "r2": 1.0},
        },
        [0.704787, 0.680298, 0.704978, 0.707019],
        [0.715114, 0.686429, 0.699487, 0.672643],
    ),
    (
        {"tricks": {"feature_matching": {"replaces": False}}, "objective": "relativistic"},
        [0.719235, 0.702053, 0.686201, 0.662164],
        [0.674872, 0.651244, 0.708018, 0.678417],
    ),
]
"""Recorded with the code as it was then."""


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_a_conditional_training_resumes_to_the_bit(condition: dict) -> None:
    made = declared(condition=condition, optimizer={"lr": 1e-3}, tricks={"ema": 0.1}, critic_steps=2)
    unbroken = trainer_of(made)
    play(unbroken, 3)
    state = unbroken.state()
    expected = play(unbroken, 3)
    again = trainer_of(made, seed=1)
    again.load_state(state)
    assert [reading.losses for reading in play(again, 3)] == [reading.losses for reading in expected]
    for name, weight in again.players.state_dict().items():
        assert torch.equal(weight, unbroken.players.state_dict()[name]), name


@pytest.mark.parametrize(("axes", "discriminator", "generator"), BEFORE)
def test_players_that_are_told_nothing_have_the_losses_of_before_there_were_conditions(
    axes: dict, discriminator: list[float], generator: list[float]
) -> None:
    readings = play(trainer_of(declared(optimizer={"lr": 1e-3, "betas": [0.5, 0.999]}, **axes)), 4)
    assert [reading.losses["discriminator"] for reading in readings] == pytest.approx(discriminator, rel=1e-3, abs=1e-4)
    assert [reading.losses["generator"] for reading in readings] == pytest.approx(generator, rel=1e-3, abs=1e-4)
