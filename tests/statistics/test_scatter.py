"""Sampling and training scatter, told apart on simulated seeds."""

import numpy as np
import pytest

from ganbench.statistics.scatter import between_seeds, share_error, together


def test_the_error_of_a_share_is_that_of_the_binomial_distribution():
    drawn = np.random.default_rng(0).binomial(450, 0.3, 20_000) / 450
    assert share_error(0.3, 450) == pytest.approx(drawn.std(), rel=0.02)
    assert share_error(0.0, 450) == share_error(1.0, 450) == 0


def test_what_trainings_scatter_is_found_behind_the_scatter_of_samples():
    rng = np.random.default_rng(0)
    trained = rng.normal(0.5, 0.04, 20_000)
    measured = rng.binomial(200, trained) / 200
    errors = [share_error(share, 200) for share in measured]
    assert between_seeds(measured.tolist(), together(errors)) == pytest.approx(0.04, rel=0.03)


def test_where_sampling_explains_everything_nothing_is_left():
    assert between_seeds([0.50, 0.51], 0.1) == 0
    assert between_seeds([0.50], 0.1) is None
