"""Metrics of generators that are told what to draw, on evidence made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from ganbench.evaluation.asked import Asked
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.matching import Matching
from ganbench.evaluation.metric import Evidence, NotApplicable
from ganbench.evaluation.metrics.attributes import attribute_accuracy
from ganbench.evaluation.metrics.condition_accuracy import condition_accuracy
from ganbench.evaluation.metrics.frechet import frechet_distance, moments
from ganbench.evaluation.metrics.intra_class import intra_class_distance, intra_fid
from ganbench.evaluation.metrics.matching import matching_auc, matching_gap
from ganbench.evaluation.metrics.substitution import substitution

CLASSES = 5
N = 100


def seen_as(labels: np.ndarray, features: np.ndarray | None = None) -> Seen:
    """What a judge that is certain of these classes sees."""
    features = np.random.default_rng(0).normal(size=(len(labels), 3)) if features is None else features
    return Seen(features.astype(np.float32), np.eye(CLASSES, dtype=np.float32)[labels])


def asked_for(labels=None, attributes=None, unseen=None) -> Asked:
    unseen = np.zeros(N, bool) if unseen is None else unseen
    return Asked(np.arange(N), labels, attributes or {}, unseen)


@pytest.fixture
def labels() -> np.ndarray:
    """Each class equally often."""
    return np.arange(N) % CLASSES


@pytest.fixture
def evidence(labels) -> Evidence:
    found = Nearest(np.ones((N, 1)), np.zeros((N, 1), np.int64))
    evidence = Evidence(seen_as(labels), seen_as(labels), {"pixel": found, "feature": found}, 5, True, None)
    return replace(evidence, asked=asked_for(labels), shown=labels, reference_labels=labels)


def test_a_generator_that_obeys_has_condition_accuracy_one_and_one_that_always_draws_a_class_has_one_in_c(evidence):
    assert condition_accuracy(evidence) == {f"condition_accuracy_judge_{N}": 1}
    collapsed = replace(evidence, shown=np.zeros(N, np.int64))
    assert condition_accuracy(collapsed)[f"condition_accuracy_judge_{N}"] == pytest.approx(1 / CLASSES)


def test_what_has_no_label_counts_nowhere(evidence, labels):
    asked = np.where(np.arange(N) < 50, -1, labels)
    shown = np.where(np.arange(N) < 50, labels, (labels + np.arange(N) % 2) % CLASSES)
    found = condition_accuracy(replace(evidence, shown=shown, asked=asked_for(asked)))
    assert found[f"condition_accuracy_judge_{N}"] == 0.5


def test_classes_moved_by_known_vectors_have_the_mean_of_their_squared_lengths_as_intra_class_distance(labels):
    y = np.random.default_rng(1).normal(size=(N, 3))
    shift = np.arange(CLASSES)[:, None] * np.array([1.0, 2.0, 2.0])  # lengths 0, 3, 6, 9, 12
    found = intra_class_distance(y + shift[labels], labels, y, labels)
    assert found == pytest.approx(np.mean([0, 9, 36, 81, 144]))


def test_a_generator_that_swaps_two_classes_has_the_same_distance_over_all_but_not_within_classes(labels):
    y = np.random.default_rng(2).normal(size=(N, 3)) + 10 * labels[:, None]
    swapped = np.where(labels == 0, 1, np.where(labels == 1, 0, labels))
    assert frechet_distance(*moments(y), *moments(y)) == pytest.approx(0, abs=1e-9)
    assert intra_class_distance(y, labels, y, labels) == pytest.approx(0, abs=1e-9)
    assert intra_class_distance(y, swapped, y, labels) > 2 / CLASSES * 250


def test_a_class_with_one_image_on_a_side_is_left_out_of_the_mean_and_none_at_all_has_no_distance(labels):
    y = np.random.default_rng(3).normal(size=(N, 3))
    asked = np.where(labels == 4, -1, labels)
    asked[4] = 4
    x = y + np.array([2.0, 0, 0])
    x[4] = 1e6
    assert intra_class_distance(x, asked, y, labels) == pytest.approx(4)
    assert intra_class_distance(x[:1], asked[:1], y, labels) is None
    assert intra_class_distance(x, np.full(N, 7), y, labels) is None


def test_the_distance_within_classes_needs_labels_on_both_sides(evidence):
    assert list(intra_fid(evidence)) == [f"intra_fid_judge_{N}"]
    with pytest.raises(NotApplicable, match="no classes"):
        intra_fid(replace(evidence, reference_labels=None))
    with pytest.raises(NotApplicable, match="2 images"):
        intra_fid(replace(evidence, reference_labels=np.full(N, -1)))


def test_attributes_are_counted_one_by_one_and_apart_for_combinations_never_seen(evidence):
    unseen = np.arange(N) < 20
    colour, size = np.arange(N) % 2, np.arange(N) % 4
    recognised = {"colour": np.where(unseen, 1 - colour, colour), "size": np.zeros(N, np.int64)}
    asked = asked_for(attributes={"colour": colour, "size": size}, unseen=unseen)
    assert attribute_accuracy(replace(evidence, asked=asked, recognised=recognised)) == {
        f"attribute_accuracy_colour_judge_{N}": 1,
        f"attribute_accuracy_colour_judge_{N}_held_out": 0,
        f"attribute_accuracy_size_judge_{N}": 0.25,
        f"attribute_accuracy_size_judge_{N}_held_out": 0.25,
    }


def test_where_no_combination_is_held_out_there_is_no_such_metric_and_unknown_values_count_nowhere(evidence):
    colour = np.where(np.arange(N) < 90, -1, 1)
    evidence = replace(evidence, asked=asked_for(attributes={"colour": colour}), recognised={"colour": np.ones(N)})
    assert attribute_accuracy(evidence) == {f"attribute_accuracy_colour_judge_{N}": 1}
    nothing = asked_for(attributes={"colour": np.full(N, -1)})
    with pytest.raises(NotApplicable, match="known attribute"):
        attribute_accuracy(replace(evidence, asked=nothing))


def test_matching_compares_the_scores_of_right_and_wrong_texts(evidence):
    matching = Matching(np.array([3.0, 5.0]), np.array([0.0, 4.0]))
    assert matching_auc(replace(evidence, matching=matching)) == {f"matching_auc_{N}": 0.75}
    assert matching_gap(replace(evidence, matching=matching))[f"matching_gap_{N}"] == pytest.approx(2 / np.sqrt(5))
    constant = replace(evidence, matching=Matching(np.ones(3), np.ones(3)))
    assert matching_auc(constant)[f"matching_auc_{N}"] == 0.5
    with pytest.raises(NotApplicable, match="do not vary"):
        matching_gap(constant)


@pytest.mark.parametrize(
    "metric", [condition_accuracy, intra_fid, substitution, attribute_accuracy, matching_auc, matching_gap]
)
def test_without_a_condition_no_such_metric_applies_and_the_reason_is_said(metric, evidence):
    with pytest.raises(NotApplicable) as caught:
        metric(replace(evidence, asked=None))
    assert len(str(caught.value)) > 20


@pytest.mark.parametrize("metric", [condition_accuracy, intra_fid])
def test_a_generator_that_was_told_captions_is_not_asked_for_labels(metric, evidence):
    with pytest.raises(NotApplicable, match="labels were not asked for"):
        metric(replace(evidence, asked=asked_for(None)))
    with pytest.raises(NotApplicable, match="no held-out image has a label"):
        metric(replace(evidence, asked=asked_for(np.full(N, -1))))


def test_a_judge_of_rotations_cannot_say_whether_the_class_is_right(evidence):
    with pytest.raises(NotApplicable, match="rotations"):
        condition_accuracy(replace(evidence, shown=None))
