"""What the best score of a matching-aware discriminator claims, on two images and two texts, so in four numbers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.special import expit

from ganbench.evaluation.calibration import calibration_error, probability_of
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence, NotApplicable, Scores
from ganbench.evaluation.metrics.calibration import discriminator_calibration
from ganbench.games.condition import Judged
from ganbench.games.conditions.text import Text
from ganbench.objectives.losses.minimax import Minimax

REAL = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 1), (0, 0), (1, 1), (0, 0)]
"""Image and text of each real sample: both texts go with both images, so that a wrong text may fit."""
FAKE = [(0, 0), (0, 1), (0, 1), (1, 0), (0, 1), (0, 1), (1, 1), (0, 0)]


def density(pairs: list[tuple[int, int]]) -> np.ndarray:
    found = np.zeros((2, 2))
    for image, text in pairs:
        found[image, text] += 1 / len(pairs)
    return found


def wrong(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of two texts the other one is wrong."""
    return [(image, 1 - text) for image, text in pairs]


def best_logits(condition: Text) -> np.ndarray:
    """The table of logits, image by text, that minimises the condition's loss."""
    logits = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)

    def score(images: torch.Tensor, texts: torch.Tensor) -> torch.Tensor:
        return logits[images, texts.long()[:, 0]]

    (images, texts), (drawn, asked) = torch.tensor(REAL).T, torch.tensor(FAKE).T
    optimizer = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        judged = Judged(
            SimpleNamespace(score=score),
            asked=texts[:, None],
            code=texts[:, None],
            real=images,
            fake=drawn,
            real_scores=score(images, texts[:, None]),
            fake_scores=score(drawn, asked[:, None]),
        )
        value = condition.discriminator_loss(Minimax(), judged).double()
        value.backward()
        return value

    optimizer.step(loss)
    return logits.detach().numpy()


def test_the_best_score_weighs_wrong_texts_as_much_as_generated_images():
    p, q, w = density(REAL), density(FAKE), density(wrong(REAL))
    aware, plain = best_logits(Text(matching=True)), best_logits(Text(matching=False))
    np.testing.assert_allclose(expit(aware), p / (p + q / 2 + w / 2), atol=1e-3)
    np.testing.assert_allclose(expit(plain), p / (p + q), atol=1e-3)


def test_no_shift_of_the_log_odds_makes_it_a_probability_of_real_against_generated():
    p, q = density(REAL), density(FAKE)
    shifts = best_logits(Text(matching=True)) - np.log(p / q)
    assert np.ptp(shifts) > 0.5
    assert np.abs(shifts - np.log(2)).min() > 0.1


def test_the_plain_one_is_calibrated_on_its_own_samples_and_the_matching_aware_one_is_not():
    pairs, real = np.array(REAL + FAKE), np.arange(16) < 8
    claimed = {
        matching: probability_of(Minimax())(best_logits(Text(matching=matching))[pairs[:, 0], pairs[:, 1]])
        for matching in (False, True)
    }
    assert calibration_error(claimed[False], real, 15) == pytest.approx(0, abs=1e-3)
    assert calibration_error(claimed[True], real, 15) > 0.04


def test_the_metric_is_left_out_where_the_discriminator_is_matching_aware():
    scores = Scores(np.zeros(4), np.full(8, 2.0), np.full(8, -2.0), 0.0, probability_of(Minimax()))
    seen = Seen(np.zeros((8, 2), np.float32), np.ones((8, 1), np.float32))
    nearest = Nearest(np.ones((8, 4)), np.zeros((8, 4), np.int64))
    evidence = Evidence(seen, seen, {"feature": nearest}, 5, False, scores)
    assert Text(matching=False).refused is None
    assert discriminator_calibration(evidence)
    aware = replace(evidence, scores=replace(scores, refused=Text(matching=True).refused))
    with pytest.raises(NotApplicable, match="also refuses real images with a wrong text"):
        discriminator_calibration(aware)
