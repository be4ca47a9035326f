import re
from pathlib import Path

import pytest

import ganbench.evaluation
from ganbench.reporting.legend import FAMILIES, family, label, order, shown

METRICS = Path(ganbench.evaluation.__file__).parent


def test_metrics_stand_in_the_order_of_the_legend_and_unknown_ones_last():
    names = ["zeta_9", "coverage_judge_449_k5", "is_judge_449", "nn_pixel_449", "fid_judge_1000", "fid_judge_449"]
    assert order(names) == [
        "fid_judge_449", "fid_judge_1000", "is_judge_449", "coverage_judge_449_k5", "nn_pixel_449", "zeta_9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("fid_judge_449", "fid", "FID"),
        ("is_judge_449", "is", "IS"),
        ("nn_feature_449", "nn_feature", "Neighbour, features"),
        ("discriminator_true_positive_449", "discriminator_true_positive", "D: true positive"),
        ("attribute_accuracy_colour_judge_449", "attribute_accuracy", "Attribute: colour"),
        ("attribute_accuracy_colour_judge_449_held_out", "attribute_accuracy", "Attribute: colour, held out"),
        ("combinations_covered_judge_449", "combinations_covered", "Combinations"),
        ("combinations_kl_judge_449", "combinations_kl", "Combination KL"),
        ("l1_ab_449", "l1", "L1 A→B"),
        ("l1_nearer_ba_449", "l1_nearer", "L1, nearer mapping B→A"),
        ("fid_judge_ba_449", "fid", "FID B→A"),
        ("sliced_w2_judge_449_p128", "sliced_w2", "Sliced W2"),
        ("isolation_7", "isolation_7", "Isolation"),
    ],
)
def test_a_name_is_its_family_and_its_protocol(name, key, text):
    assert family(name)[0] == key
    assert label(name) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("fid_x", 12.345, "12.35"),
        ("kid_x", -0.00123, "−0.0012"),
        ("kid_x", -0.00001, "0.0000"),
        ("recall_x", 1, "1.000"),
    ],
)
def test_values_are_printed_with_the_decimals_of_their_family(name, value, text):
    assert shown(name, value) == text


def test_every_family_of_the_evaluation_is_in_the_legend():
    """The names in the first line of a metric's docstring, such as ``fid_judge_{n}``."""
    files = [path for path in METRICS.rglob("*.py") if path.parent.name == "metrics"]
    named = [name for path in files for name in re.findall(r"``([a-z0-9_]+?)_\{", path.read_text())]
    assert len(named) > 20
    for name in named:
        assert family(f"{name}_9")[0] in FAMILIES, name
