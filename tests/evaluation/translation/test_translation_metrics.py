"""Metrics of translations on evidence made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from ganbench.evaluation.features import Seen
from ganbench.evaluation.translation.metric import NotApplicable, Way, measure, values_of
from ganbench.evaluation.translation.metrics.correctness import control, likeness, lpips
from ganbench.evaluation.translation.metrics.cycle import cycle
from ganbench.evaluation.translation.metrics.domain import accuracy, domain_fid

N = 12
rng = np.random.default_rng(0)


def flat(level: int) -> np.ndarray:
    return np.full((N, 16, 16, 1), level, np.uint8)


def seen_as(classes: np.ndarray) -> Seen:
    features = np.random.default_rng(1).normal(size=(N, 3)).astype(np.float32)
    return Seen(features, np.eye(4, dtype=np.float32)[classes])


@pytest.fixture
def way() -> Way:
    """A perfect translation."""
    labels = np.arange(N) % 4
    return Way("ab", flat(0), flat(102), seen_as(labels), seen_as(labels), truth=flat(102), labels=labels)


def test_a_perfect_translation_has_no_error_and_every_name_says_direction_and_n(way):
    found = measure([way])["ab"]
    assert found.values == {
        "l1_ab_12": 0,
        "psnr_ab_12": pytest.approx(20 * np.log10(255) + 10 * np.log10(256)),
        "ssim_ab_12": pytest.approx(1),
        "accuracy_judge_ab_12": 1,
        "fid_judge_ab_12": pytest.approx(0, abs=1e-9),
    }
    assert set(found.left_out) == {"lpips", "control", "cycle"}
    assert {name: said.reads for name, said in found.said.items() if said.reads} == {
        "accuracy_judge_ab_12": "judge",
        "fid_judge_ab_12": "judge",
    }
    assert {name: said.ceiling for name, said in found.said.items()} == pytest.approx(found.values)


def test_an_accuracy_is_a_share_of_the_images_whose_class_is_known(way):
    some = measure([replace(way, labels=np.where(np.arange(N) < 5, way.labels, -1))])["ab"]
    assert some.said["accuracy_judge_ab_12"].n == 5
    assert some.said["l1_ab_12"].n == 12


def test_both_directions_are_measured_side_by_side(way):
    found = measure([way, replace(way, direction="ba", truth=None)])
    values = values_of(found)
    assert {"l1_ab_12", "fid_judge_ab_12", "fid_judge_ba_12"} <= set(values)
    assert "l1_ba_12" not in values
    assert "not known" in found["ba"].left_out["likeness"]


def test_an_error_of_a_fifth_is_one_on_the_scale_from_zero_to_one(way):
    assert likeness(replace(way, outputs=flat(153)))["l1_ab_12"] == pytest.approx(0.2)


def test_a_game_that_found_the_other_valid_mapping_is_wrong_and_said_to_be(way):
    swapped = replace(way, outputs=flat(202), alternative=flat(204))
    found = control(swapped)
    assert found == {
        "l1_nearer_ab_12": pytest.approx(2 / 255),
        "correct_ab_12": 0,
        "alternative_taken_ab_12": 1,
    }
    assert likeness(swapped)["l1_ab_12"] == pytest.approx(100 / 255)


def test_a_game_that_found_the_first_mapping_took_no_alternative(way):
    found = control(replace(way, alternative=flat(204)))
    assert found == {"l1_nearer_ab_12": 0, "correct_ab_12": 1, "alternative_taken_ab_12": 0}


def test_a_game_that_does_both_by_halves_is_correct_in_half_and_equal_distances_count_as_half(way):
    outputs = np.where(np.arange(N)[:, None, None, None] < N // 2, 102, 204).astype(np.uint8) * np.ones_like(flat(1))
    assert control(replace(way, outputs=outputs, alternative=flat(204)))["correct_ab_12"] == 0.5
    assert control(replace(way, outputs=flat(153), alternative=flat(204)))["correct_ab_12"] == 0.5


def test_a_wrong_mapping_that_can_be_undone_has_no_cycle_error(way):
    wrong = replace(way, outputs=flat(255), back=flat(0))
    assert cycle(wrong) == {"cycle_ab_12": 0}
    assert likeness(wrong)["l1_ab_12"] == pytest.approx(0.6)
    assert cycle(replace(wrong, back=flat(51)))["cycle_ab_12"] == pytest.approx(0.2)


def test_the_judge_of_the_domain_says_whether_the_class_was_kept(way):
    kept = replace(way, seen=seen_as(np.zeros(N, np.int64)))
    assert accuracy(kept) == {"accuracy_judge_ab_12": 0.25}
    unknown = replace(kept, labels=np.where(np.arange(N) < 4, np.arange(N) % 4, -1))
    assert accuracy(unknown) == {"accuracy_judge_ab_12": 0.25}
    assert accuracy(replace(kept, labels=np.where(np.arange(N) == 1, 1, -1))) == {"accuracy_judge_ab_12": 0}


def test_a_domain_moved_by_a_vector_is_at_its_squared_length(way):
    moved = Seen(way.seen.features + np.float32([1, 2, 2]), way.seen.probabilities)
    assert domain_fid(replace(way, seen=moved))["fid_judge_ab_12"] == pytest.approx(9, rel=1e-5)


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (likeness, "not known"),
        (lpips, "not known"),
        (control, "no second mapping"),
        (cycle, "translates back"),
        (accuracy, "classes in common"),
    ],
)
def test_what_does_not_apply_says_why(metric, reason, way):
    with pytest.raises(NotApplicable, match=reason):
        metric(replace(way, truth=None, labels=None))


def test_without_weights_or_for_small_images_there_is_no_lpips(way):
    with pytest.raises(NotApplicable, match=r"translation\.evaluate\.lpips"):
        lpips(way)
    with pytest.raises(NotApplicable, match="16 px"):
        lpips(replace(way, lpips=object()))


def test_labels_that_are_all_unknown_leave_no_accuracy(way):
    with pytest.raises(NotApplicable, match="classes in common"):
        accuracy(replace(way, labels=np.full(N, -1)))
