"""Quadrature against closed forms, and losses in expectation against means over samples."""

import math

import numpy as np
import pytest
import torch

from ganbench.objectives.losses.f_gan import FGAN
from ganbench.objectives.losses.hinge import Hinge
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.objective import Objective
from ganbench.theory.quadrature import LINE, Mixture, expected_loss, jensen_shannon, normal


def test_a_mixture_has_mass_mean_and_variance() -> None:
    mixture, x = Mixture((-1.0, 2.0), (0.5, 1.5), (0.3, 0.7)), LINE.nodes
    density = mixture.density(x)
    assert LINE.integrate(density) == pytest.approx(1, abs=1e-12)
    assert LINE.integrate(x * density) == pytest.approx(1.1, abs=1e-12)
    second = 0.3 * (0.25 + 1) + 0.7 * (2.25 + 4)
    assert LINE.integrate(x.square() * density) == pytest.approx(second, abs=1e-11)


def test_samples_follow_the_density() -> None:
    torch.manual_seed(0)
    points = Mixture((-1.0, 2.0), (0.5, 1.5), (0.3, 0.7)).sample(200_000)
    assert float(points.mean()) == pytest.approx(1.1, abs=0.02)


@pytest.mark.parametrize("objective", [Minimax(), Minimax(real_label=0.9), Hinge(), FGAN("pearson")], ids=str)
def test_the_expected_loss_is_the_mean_over_many_samples(objective: Objective) -> None:
    p, q = normal(0.0), normal(1.0, 0.8)
    torch.manual_seed(0)
    real, fake = p.sample(400_000).double(), q.sample(400_000).double()
    drawn = objective.discriminator((0.5 - real).tanh(), (0.5 - fake).tanh())
    assert expected_loss(objective, (0.5 - LINE.nodes).tanh(), p, q) == pytest.approx(float(drawn), abs=5e-3)


def test_the_expected_loss_of_a_blind_discriminator_is_two_bits() -> None:
    assert expected_loss(Minimax(), torch.zeros_like(LINE.nodes), normal(0.0), normal(3.0)) == pytest.approx(
        2 * math.log(2), abs=1e-12
    )


def test_jensen_shannon_is_scipys() -> None:
    from scipy.spatial.distance import jensenshannon

    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    ours = jensen_shannon(torch.from_numpy(p), torch.from_numpy(q))
    assert ours == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-14)
