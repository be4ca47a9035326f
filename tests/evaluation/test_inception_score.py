import warnings

import numpy as np
import pytest
import torch
from torchmetrics.image.inception import InceptionScore

from ganbench.evaluation.metrics.inception_score import score_of


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_certain_and_evenly_spread_predictions_score_the_number_of_classes():
    assert score_of(np.tile(np.eye(10), (7, 1))) == pytest.approx(10)


def test_a_class_that_never_occurs_counts_for_nothing():
    probabilities = np.tile(np.eye(10)[:4], (5, 1))
    assert score_of(probabilities) == pytest.approx(4)


def test_undecided_predictions_score_one():
    assert score_of(np.full((20, 5), 0.2)) == pytest.approx(1)


def test_predictions_that_are_all_alike_score_one():
    assert score_of(np.tile([0.7, 0.3, 0.0], (20, 1))) == pytest.approx(1)
    assert score_of(np.array([[1.0, 0.0]])) == 1


def test_two_half_certain_predictions_score_what_arithmetic_gives():
    p = np.array([[0.9, 0.1], [0.1, 0.9]])
    divergence = 0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5)
    assert score_of(p) == pytest.approx(np.exp(divergence))


def test_agrees_with_torchmetrics():
    class Identity(torch.nn.Module):
        def forward(self, images):
            return images.reshape(len(images), -1)

    logits = torch.from_numpy(np.random.default_rng(0).normal(0, 3, size=(200, 12)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs warn of the memory that they need, and of the deviation of one split
        metric = InceptionScore(feature=Identity(), splits=1).set_dtype(torch.float64)
        metric.update(logits.reshape(200, 3, 2, 2))
        theirs = float(metric.compute()[0])
    assert score_of(logits.softmax(1).numpy()) == pytest.approx(theirs, rel=1e-6)


def test_rows_in_single_precision_are_brought_to_sum_to_one():
    p = np.random.default_rng(1).dirichlet(np.full(10, 0.1), size=500)
    assert score_of(p.astype(np.float32)) == pytest.approx(score_of(p), rel=1e-6)
