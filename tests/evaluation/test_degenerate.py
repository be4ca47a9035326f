"""Every metric on features that no one would wish for: a value or a reason, no NaN, no warning."""

import math
import warnings

import numpy as np
import ot
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import entropy
from torchmetrics.image.kid import poly_mmd

from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence, Scores, measure
from ganbench.evaluation.metrics.frechet import frechet_distance, moments
from ganbench.evaluation.metrics.inception_score import score_of
from ganbench.evaluation.metrics.kernel import kernel_distance
from ganbench.evaluation.metrics.manifold import manifold
from ganbench.evaluation.metrics.transport import exact, sliced
from ganbench.evaluation.metrics.vendi import vendi_score
from ganbench.evaluation.neighbours import nearest_in_features

N = 24


def normal(seed: int, n: int = N, d: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def low_rank(seed: int) -> np.ndarray:
    return normal(seed, d=2) @ np.random.default_rng(99).normal(size=(2, 10))


FEATURES = {
    "ordinary": (normal(0), normal(1)),
    "singular covariances": (low_rank(0), low_rank(1)),
    "fewer images than features": (normal(0, d=200), normal(1, d=200)),
    "one feature": (normal(0, d=1), normal(1, d=1)),
    "constant": (np.full((N, 6), 3.0), np.full((N, 6), 5.0)),
    "the same constant": (np.full((N, 6), 0.1), np.full((N, 6), 0.1)),
    "nothing at all": (np.zeros((N, 6)), np.zeros((N, 6))),
    "one repeated image": (np.repeat(normal(0, 1), N, 0), normal(1)),
    "one repeated image on the other side": (normal(0), np.repeat(normal(1, 1), N, 0)),
    "the same images": (normal(0), normal(0)),
    "two images over and over": (np.tile(normal(0, 2), (N // 2, 1)), normal(1)),
    "tiny": (1e-12 * normal(0), 1e-12 * normal(1)),
    "huge": (1e12 * normal(0), 1e12 * normal(1)),
    "scales apart": (1e-9 * normal(0), 1e9 * normal(1)),
    "one far away": (np.r_[normal(0)[1:], np.full((1, 6), 1e15)], normal(1)),
    "dead features": (np.pad(normal(0), ((0, 0), (0, 9))), np.pad(normal(1), ((0, 0), (0, 9)))),
}
one_class = np.tile([1.0, 0.0, 0.0], (N, 1))
PROBABILITIES = {
    "all classes": (
        np.random.default_rng(2).dirichlet(np.ones(3), N),
        np.random.default_rng(3).dirichlet(np.ones(3), N),
    ),
    "one class": (one_class, one_class),
    "another class": (one_class, one_class[:, ::-1]),
    "undecided": (np.full((N, 3), 1 / 3), np.full((N, 3), 1 / 3)),
}
SCORES = {
    "ordinary": (normal(4)[:, 0], normal(5)[:, 0]),
    "all the same": (np.zeros(N), np.zeros(N)),
    "huge": (np.full(N, 1e30), np.full(N, -1e30)),
}


def evidence(features: str, probabilities: str = "all classes", scores: str = "ordinary") -> Evidence:
    judged, reference = (Seen(f.astype(np.float32), p.astype(np.float32))
                         for f, p in zip(FEATURES[features], PROBABILITIES[probabilities], strict=True))  # fmt: skip
    found = nearest_in_features(judged.features, reference.features)
    real, fake = SCORES[scores]
    verdicts = Scores(real, real, fake, 0.0, lambda v: 1 / (1 + np.exp(-np.clip(v, -30, 30))))
    return Evidence(judged, reference, {"pixel": found, "feature": found}, 5, True, verdicts)


@pytest.mark.parametrize(
    ("features", "probabilities", "scores"),
    [
        *((name, "all classes", "ordinary") for name in FEATURES),
        *(("ordinary", name, "ordinary") for name in PROBABILITIES),
        *(("ordinary", "all classes", name) for name in SCORES),
    ],
)
def test_every_metric_has_a_finite_value_without_a_warning(features, probabilities, scores):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, _, _ = measure(evidence(features, probabilities, scores))
    assert all(math.isfinite(value) for value in values.values())
    assert {"fid_judge_24", "kid_judge_24", "vendi_judge_24", "w2_judge_24", "authenticity_judge_24"} <= values.keys()
    shares = [name for name in values if name.startswith(("precision", "recall", "coverage", "authenticity"))]
    assert all(0 <= values[name] <= 1 for name in shares)
    assert all(
        values[name] >= 0 for name in values if name.startswith(("fid_judge", "w2", "sliced", "class_", "density"))
    )
    assert 1 - 1e-9 <= values["vendi_judge_24"] <= N + 1e-9
    assert values["sliced_w2_judge_24_p128"] <= values["w2_judge_24"] * (1 + 1e-6)


def test_equal_sets_are_at_no_distance_under_every_metric():
    values, _, _ = measure(evidence("the same images"))
    for name in ("fid_judge_24", "w2_judge_24", "sliced_w2_judge_24_p128", "nn_feature_24"):
        assert values[name] == pytest.approx(0, abs=1e-6), name
    assert values["precision_judge_24_k5"] == values["recall_judge_24_k5"] == values["coverage_judge_24_k5"] == 1
    assert values["authenticity_judge_24"] == 0


def scale(*sets: np.ndarray) -> float:
    return max(float(np.square(one).sum(1).max()) for one in sets) or 1.0


def by_singular_values(x: np.ndarray, y: np.ndarray) -> float:
    """tr (S₁^½ S₂ S₁^½)^½ is the sum of the singular values of X Yᵀ / (n − 1), centred: no root, no covariance."""
    one, other = x - x.mean(0), y - y.mean(0)
    overlap = np.linalg.svd(one @ other.T, compute_uv=False).sum()
    spread = (np.square(one).sum() + np.square(other).sum() - 2 * overlap) / (len(x) - 1)
    return float(np.square(x.mean(0) - y.mean(0)).sum() + spread)


def by_counting(real: np.ndarray, fake: np.ndarray, k: int) -> dict[str, float]:
    across = cdist(real, fake)
    reach, other = (np.sort(cdist(points, points), 1)[:, k] for points in (real, fake))
    inside = across <= reach[:, None]
    return {
        "precision": inside.any(0).mean(),
        "recall": (across <= other).any(1).mean(),
        "density": inside.sum(0).mean() / k,
        "coverage": inside.any(1).mean(),
    }


def by_eigenvalues(x: np.ndarray) -> float:
    lengths = np.linalg.norm(x, axis=1)
    unit = x / np.where(lengths > 0, lengths, 1)[:, None]
    alike = unit @ unit.T + np.outer(lengths == 0, lengths == 0)
    return float(np.exp(entropy(np.clip(np.linalg.eigvalsh(alike), 0, None))))


@pytest.mark.parametrize("name", FEATURES)
def test_distances_agree_with_second_implementations(name):
    x, y = FEATURES[name]
    squares = scale(x, y)
    assert frechet_distance(*moments(x), *moments(y)) == pytest.approx(
        by_singular_values(x, y), rel=1e-6, abs=1e-6 * squares
    )
    costs = ot.dist(x, y) / squares  # POT's stops early where all costs are tiny
    assert exact(x, y) ** 2 / squares == pytest.approx(ot.emd2([], [], costs), rel=1e-6, abs=1e-12)
    directions = np.random.default_rng(0).standard_normal((x.shape[1], 16))
    directions /= np.linalg.norm(directions, axis=0)
    assert sliced(x, y, 16, 0) == pytest.approx(
        float(ot.sliced_wasserstein_distance(x, y, projections=directions)), rel=1e-9, abs=1e-12 * squares**0.5
    )
    theirs = float(poly_mmd(torch.from_numpy(x), torch.from_numpy(y)))
    largest = (squares / x.shape[1] + 1) ** 3
    assert kernel_distance(x, y) == pytest.approx(theirs, rel=1e-9, abs=1e-12 * largest)


@pytest.mark.parametrize("name", FEATURES)
def test_neighbourhoods_and_variety_agree_with_second_implementations(name):
    x, y = FEATURES[name]
    assert vars(manifold(x, y, 5)) == pytest.approx(by_counting(x, y, 5), rel=1e-12)
    for features in (x, y):
        assert vendi_score(features) == pytest.approx(by_eigenvalues(features), rel=1e-6)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_the_inception_score_agrees_with_scipy(name):
    for given in PROBABILITIES[name]:
        assert score_of(given) == pytest.approx(np.exp(entropy(given, given.mean(0)[None], axis=1).mean()), rel=1e-9)
