import numpy as np
import pytest

from ganbench.evaluation.figures import draw_verdict
from ganbench.evaluation.metric import Scores
from ganbench.evaluation.metrics.discrimination import halves, verdict


def scores(train, held_out, generated, threshold) -> Scores:
    return Scores(*(np.array(values, float) for values in (train, held_out, generated)), threshold)


def test_shares_count_the_held_out_images_and_the_second_half_of_the_generated():
    found = verdict(scores([9], [-1, 1, 2, 3], [5, 5, 5, 5, -1, -2, 1, -3], 0.0))
    assert found.shares() == {
        "true_positive": 0.75,
        "false_negative": 0.25,
        "true_negative": 0.75,
        "false_positive": 0.25,
        "accuracy": 0.75,
    }


def test_a_critic_is_judged_at_the_midpoint_between_training_images_and_the_first_half_of_the_generated():
    found = verdict(scores([10, 14], [7, 8.5], [2, 4, 7, 9], None))
    assert found.threshold == 7.5
    assert (found.true_positive, found.false_positive) == (0.5, 0.5)


def test_a_constant_added_to_the_scores_of_a_critic_changes_nothing_but_the_threshold():
    rng = np.random.default_rng(0)
    parts = [rng.normal(mean, 1, 40) for mean in (1.0, 0.5, -1.0)]
    here, there = verdict(Scores(*parts, None)), verdict(Scores(*(part + 1000 for part in parts), None))
    assert here.shares() == there.shares()
    assert there.threshold == pytest.approx(here.threshold + 1000)


def test_a_discriminator_that_knows_nothing_says_generated():
    found = verdict(scores([1, 1], [1, 1], [1, 1], None))
    assert (found.true_positive, found.true_negative, found.accuracy) == (0, 1, 0.5)


def test_a_discriminator_that_knows_everything_is_always_right():
    assert verdict(scores([1], [1, 2], [-1, -2], 0.0)).accuracy == 1


def test_halves_of_an_odd_number_leave_the_larger_part_to_judge():
    calibration, judged = halves(np.arange(5.0))
    assert (calibration.tolist(), judged.tolist()) == ([0, 1], [2, 3, 4])


@pytest.mark.parametrize("threshold", [0.0, None])
def test_the_figure_is_the_same_bytes_twice(tmp_path, threshold):
    rng = np.random.default_rng(1)
    given = Scores(*(rng.normal(mean, 1, 50) for mean in (1.0, 0.5, -1.0)), threshold)
    for name in ("a.png", "b.png"):
        draw_verdict(given, verdict(given), "images/dcgan/0", tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_scores_that_are_all_equal_can_be_drawn(tmp_path):
    given = scores([1, 1], [1, 1], [1, 1], None)
    draw_verdict(given, verdict(given), "images/wgan/0", tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
