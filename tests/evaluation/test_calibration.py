import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score
from torchmetrics.functional.classification import binary_calibration_error

from ganbench.evaluation.calibration import area_under_curve, calibration_error, probability_of
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence, NotApplicable, Scores
from ganbench.evaluation.metrics.calibration import discriminator_calibration, discriminator_ranking
from ganbench.objectives.losses.f_gan import FGAN
from ganbench.objectives.losses.hinge import Hinge
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.losses.relativistic import Relativistic
from ganbench.objectives.losses.wasserstein import Wasserstein

SCORES = np.linspace(-4, 4, 33)


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_the_score_of_the_minimax_game_is_a_logit():
    probability = probability_of(Minimax())
    assert probability is not None
    np.testing.assert_allclose(probability(SCORES), expit(SCORES), rtol=1e-9)


def test_a_score_between_the_labels_of_least_squares_is_the_probability_itself():
    probability = probability_of(LeastSquares())
    assert probability is not None
    np.testing.assert_allclose(probability(np.linspace(0, 1, 21)), np.linspace(0, 1, 21), atol=1e-5)
    np.testing.assert_allclose(probability(np.array([-3.0, 5.0])), [0, 1], atol=1e-8)


@pytest.mark.parametrize(
    "objective",
    [
        Minimax(real_label=0.9),
        LeastSquares(-1, 3),
        *map(FGAN, ("kl", "reverse_kl", "pearson", "neyman", "hellinger", "jeffrey", "jensen_shannon", "gan")),
    ],
    ids=str,
)
def test_the_best_score_claims_the_true_share_of_real_images(objective):
    share = torch.linspace(0.02, 0.98, 49, dtype=torch.float64)
    best = objective.optimal(share, 1 - share)
    np.testing.assert_allclose(probability_of(objective)(best.numpy()), share.numpy(), atol=1e-4)


@pytest.mark.parametrize("objective", [Hinge(), Wasserstein(), Relativistic()], ids=str)
def test_critics_and_the_hinge_claim_no_probability(objective):
    assert probability_of(objective) is None


def test_probabilities_stay_between_0_and_1_for_any_score():
    found = probability_of(FGAN("pearson"))(np.array([-1e30, -2.0, 0.0, 1e30]))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_torchmetrics_on_equal_numbers(seed):
    rng = np.random.default_rng(seed)
    probabilities, real = rng.uniform(size=400), np.arange(400) < 200
    theirs = binary_calibration_error(torch.from_numpy(probabilities), torch.from_numpy(real).long(), n_bins=15)
    assert calibration_error(probabilities, real, 15) == pytest.approx(float(theirs), abs=1e-6)


def test_unequal_numbers_weigh_the_same():
    rng = np.random.default_rng(3)
    p, q = rng.uniform(size=50), rng.uniform(size=30)
    once = calibration_error(np.concatenate([p, q]), np.arange(80) < 50, 15)
    tripled = calibration_error(np.concatenate([p, q, q, q]), np.arange(140) < 50, 15)
    assert once == pytest.approx(tripled)


def test_a_sure_discriminator_that_is_right_is_calibrated_and_one_that_is_wrong_is_not():
    real = np.arange(10) < 5
    assert calibration_error(real.astype(float), real, 15) == 0
    assert calibration_error((~real).astype(float), real, 15) == pytest.approx(1)
    assert calibration_error(np.full(10, 0.5), real, 15) == pytest.approx(0)


def test_the_ranking_is_the_one_of_mann_and_whitney_with_ties():
    rng = np.random.default_rng(4)
    real, generated = rng.integers(0, 6, 40).astype(float), rng.integers(-2, 5, 30).astype(float)
    expected = mannwhitneyu(real, generated).statistic / (40 * 30)
    assert area_under_curve(real, generated) == pytest.approx(expected)
    assert area_under_curve(generated, generated) == 0.5


def test_the_metrics_look_at_held_out_images_and_the_second_half_of_the_generated_ones():
    probability = probability_of(Minimax())
    scores = Scores(np.zeros(4), np.full(8, 2.0), np.r_[np.full(4, 99.0), np.full(4, -2.0)], 0.0, probability)
    seen = Seen(np.zeros((8, 2), np.float32), np.ones((8, 1), np.float32))
    found = Nearest(np.ones((8, 4)), np.zeros((8, 4), np.int64))
    evidence = Evidence(seen, seen, {"feature": found}, 5, False, scores)
    assert discriminator_ranking(evidence) == {"discriminator_auc_8": 1}
    assert discriminator_calibration(evidence)["discriminator_calibration_error_8_b15"] == pytest.approx(1 - expit(2))
    with pytest.raises(NotApplicable, match="probabilities"):
        discriminator_calibration(replace(evidence, scores=replace(scores, probability=None)))
    for metric in (discriminator_calibration, discriminator_ranking):
        with pytest.raises(NotApplicable, match="discriminator"):
            metric(replace(evidence, scores=None))


@pytest.mark.parametrize("levels", [1000, 4])
def test_the_area_under_the_curve_is_that_of_scikit_learn_ties_included(levels):
    rng = np.random.default_rng(0)
    higher, lower = rng.integers(0, levels, 70) + levels / 10, rng.integers(0, levels, 90).astype(float)
    truth = np.r_[np.ones(70), np.zeros(90)]
    assert area_under_curve(higher, lower) == pytest.approx(roc_auc_score(truth, np.r_[higher, lower]), abs=1e-12)


def test_the_area_is_one_where_all_real_scores_are_higher_and_a_half_where_all_are_equal():
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert area_under_curve(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 0
    assert area_under_curve(np.ones(5), np.ones(7)) == 0.5
