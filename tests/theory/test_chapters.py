"""The chapters: quick ones are computed whole, those that train at a size for a test; the page tells all of them."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.losses.wasserstein import Wasserstein
from ganbench.reporting.style import DARK, LIGHT, render
from ganbench.theory import convolution, discriminator, equilibrium, estimate, fitting, lipschitz, slope, supports
from ganbench.theory.chapters import CHAPTERS
from ganbench.theory.run import small
from ganbench.theory.statement import Chapter, Statement, check

ROOT = Path(__file__).parents[2]
KEPT: dict[str, dict[str, Any]] = json.loads((ROOT / "results/theory.json").read_text(encoding="utf-8"))
LIKEWISE = next(
    part for part in (ROOT / "docs/theory.md").read_text(encoding="utf-8").split("\n\n") if "likewise under" in part
)
"""Where the page tells a family of statements by its pattern."""
QUICK = ("entropy", "transport", "conjugates", "convolution")


@pytest.fixture(scope="module")
def quick() -> dict[str, Chapter]:
    torch.manual_seed(0)
    return {name: CHAPTERS[name](0) for name in QUICK}


def test_what_needs_no_training_holds(quick: dict[str, Chapter]) -> None:
    check(quick.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_what_needs_no_training_holds_for_any_seed(seed: int) -> None:
    check([CHAPTERS[name](seed) for name in ("entropy", "convolution")])


def test_a_figure_is_drawn_twice_to_the_same_bytes_and_in_two_themes(quick: dict[str, Chapter]) -> None:
    draw = quick["transport"].drawings[0].draw
    light = render(LIGHT, draw)
    assert light == render(LIGHT, draw)
    assert light != render(DARK, draw)
    assert small(light) == small(light)
    assert len(small(light)) < len(light) / 2


def test_the_smallest_training_says_twice_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supports, "STEPS", 40)

    def trained() -> float:
        torch.manual_seed(3)
        return supports.estimate(0.5)

    assert trained() == trained()


def test_newton_on_the_loss_finds_the_ratio_of_densities() -> None:
    x = torch.linspace(-4, 5, 31, dtype=torch.float64)
    assert torch.allclose(discriminator.best_point_by_point(x), 0.5 - x, atol=1e-9)


def test_the_divergence_of_equal_lines_is_0_and_of_others_log_2() -> None:
    here, there = supports.line(0.0), supports.line(1e-3)
    assert supports.divergence(here, here) == 0
    assert supports.divergence(here, there) == pytest.approx(np.log(2), abs=1e-12)
    assert supports.earth_mover(here, there) == pytest.approx(1e-3, rel=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 0.6])
def test_the_dirac_gan_turns_and_r1_draws_it_in(gamma: float) -> None:
    values = equilibrium.eigenvalues(gamma)
    assert values.real == pytest.approx([-gamma / 2] * 2, abs=1e-6)
    assert values.imag == pytest.approx(np.array([-1, 1]) * np.sqrt(0.25 - gamma**2 / 4), abs=1e-6)


def test_the_best_gaussian_under_kl_has_the_moments_of_the_data() -> None:
    """Only KL(data‖Gaussian) is minimal at matched moments."""
    mean = sum(w * m for w, m in zip(fitting.DATA.weights, fitting.DATA.means, strict=True))
    parts = zip(fitting.DATA.weights, fitting.DATA.means, fitting.DATA.deviations, strict=True)
    variance = sum(w * (s**2 + m**2) for w, m, s in parts) - mean**2
    best = fitting.best("kl")
    assert (best.mean, best.deviation) == (pytest.approx(mean, abs=1e-4), pytest.approx(variance**0.5, abs=1e-4))
    assert fitting.best("reverse_kl").deviation < best.deviation < fitting.best("pearson").deviation


def test_a_short_f_gan_game_moves_every_gaussian_towards_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "ROUNDS", 60)
    torch.manual_seed(0)
    for name, fit in fitting.play().items():
        assert abs(fit.mean - fitting.best(name).mean) < 0.75 * abs(fitting.START[0] - fitting.best(name).mean), name


def test_gradients_of_a_deep_critic_are_those_of_finite_differences() -> None:
    torch.manual_seed(0)
    network = lipschitz.scorer(2, 8, 3, leak=0.0).double()
    real, fake = torch.randn(5, 2).double(), torch.randn(5, 2).double()
    found = lipschitz.gradients(network, real, fake)
    shift = torch.zeros(10, 8, dtype=torch.float64)
    last = [layer for layer in network.features.modules() if isinstance(layer, nn.Linear)][-1]
    hook = last.register_forward_hook(lambda _, __, output: output + shift)
    norms = []
    for row in range(10):
        slopes = []
        for unit in range(8):
            losses = []
            for step in (1e-6, -1e-6):
                shift.zero_()[row, unit] = step
                with torch.no_grad():
                    scores = network(torch.cat([real, fake])).chunk(2)
                losses.append(float(Wasserstein().discriminator(*scores)))
            slopes.append((losses[0] - losses[1]) / 2e-6)
        norms.append(np.linalg.norm(slopes))
    hook.remove()
    assert found[-1] == pytest.approx(np.mean(norms), rel=1e-6)


def test_the_slope_between_lines_has_the_bias_of_the_penalty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slope, "STEPS", 150)
    torch.manual_seed(1)
    assert slope.fit(1.0, 1.0).slope == pytest.approx(1.5, abs=0.05)


def test_the_lifted_generator_never_touches_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "ROUNDS", 4)
    monkeypatch.setattr(estimate, "EVERY", 2)
    torch.manual_seed(0)
    course = estimate.follow(Wasserstein(), {"gradient_penalty": GradientPenalty(10.0)}, 0)
    assert course.rounds == [2, 4]
    assert min(course.w1) > estimate.LIFT


def test_the_two_layers_of_a_dcgan_share_weights_and_swap_shapes() -> None:
    down, up = convolution.pair()
    images = torch.randn(3, 1, 8, 8, dtype=torch.float64)
    assert up(down(images)).shape == images.shape
    assert up.weight is down.weight


def test_the_page_tells_every_chapter_and_shows_every_figure() -> None:
    page = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(theory/(\w+)\.png\)", page) == list(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_page_tells_every_statement_by_name_or_by_that_of_its_family(chapter: str) -> None:
    """`…_under_kl` tells a family, where the page names the other divergences beside it."""
    page = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    for name in KEPT[chapter]:
        family, under, member = name.partition("_under_")
        likewise = under and f"`{family}_under_kl`" in page and f"`{member}`" in LIKEWISE
        assert likewise or f"`{name}`" in page, name


def test_the_kept_numbers_are_of_these_chapters_and_hold(quick: dict[str, Chapter]) -> None:
    assert KEPT.keys() == CHAPTERS.keys()
    for name, chapter in quick.items():
        assert KEPT[name].keys() == {statement.name for statement in chapter.statements}
    for kept in KEPT.values():
        check([Chapter("", tuple(Statement(key, source="", **one) for key, one in kept.items()), ())])
