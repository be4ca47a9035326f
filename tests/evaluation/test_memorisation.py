from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ganbench.evaluation.distances import Nearest, nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence, NotApplicable
from ganbench.evaluation.metrics.memorisation import authenticity
from ganbench.evaluation.neighbours import nearest_in_features, with_reach


def share(judged: np.ndarray, train: np.ndarray) -> float:
    seen = Seen(judged.astype(np.float32), np.ones((len(judged), 1), np.float32))
    found = nearest_in_features(seen.features, train.astype(np.float32))
    evidence = Evidence(seen, seen, {"feature": found}, 5, False, None)
    ((name, value),) = authenticity(evidence).items()
    assert name == f"authenticity_judge_{len(judged)}"
    return value


def by_definition(judged: np.ndarray, train: np.ndarray) -> float:
    to_train, within = cdist(judged, train), cdist(train, train)
    np.fill_diagonal(within, np.inf)
    closest = to_train.argmin(axis=1)
    return float((within.min(axis=1)[closest] < to_train.min(axis=1)).mean())


@pytest.mark.parametrize("seed", range(4))
def test_is_the_share_that_the_definition_gives(seed):
    rng = np.random.default_rng(seed)
    judged, train = rng.normal(size=(30, 5)), rng.normal(size=(80, 5))
    judged, train = judged.astype(np.float32), train.astype(np.float32)
    assert share(judged, train) == by_definition(judged, train)


def test_a_copy_is_never_authentic_not_even_of_a_training_image_that_is_there_twice():
    train = np.random.default_rng(5).normal(size=(40, 4))
    train[7] = train[3]
    assert share(train, train) == 0


def test_an_image_far_from_all_others_is_authentic():
    train = np.random.default_rng(6).normal(size=(40, 4))
    assert share(train + 100, train) == 1


def test_a_near_copy_far_from_the_origin_is_found():
    train = (1000 + np.random.default_rng(7).normal(size=(40, 64))).astype(np.float32)
    assert share(train + np.float32(0.001), train) == 0


def test_held_out_images_score_around_one_half():
    rng = np.random.default_rng(8)
    assert 0.4 < share(rng.normal(size=(300, 2)), rng.normal(size=(300, 2))) < 0.7


def test_reach_is_the_distance_from_the_nearest_training_image_to_its_own_nearest():
    base = np.array([[0.0], [1.0], [5.0]])
    found = with_reach(nearest(np.array([[0.4], [4.0], [0.6]]), base, 1), base)
    assert found.rows[:, 0].tolist() == [0, 2, 1]
    assert found.reach.tolist() == [1, 4, 1]


def test_a_single_training_image_has_no_like():
    base = np.zeros((1, 2))
    assert with_reach(nearest(np.ones((3, 2)), base, 1), base).reach.tolist() == [0, 0, 0]


def test_it_says_where_distances_between_training_images_were_not_measured():
    seen = Seen(np.zeros((3, 2), np.float32), np.ones((3, 1), np.float32))
    found = Nearest(np.ones((3, 1)), np.zeros((3, 1), np.int64))
    evidence = Evidence(seen, seen, {"feature": found}, 5, False, None)
    with pytest.raises(NotApplicable, match="not measured"):
        authenticity(evidence)
    assert authenticity(replace(evidence, nearest={"feature": replace(found, reach=np.zeros(3))}))
