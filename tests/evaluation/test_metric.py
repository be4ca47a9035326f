from dataclasses import replace

import numpy as np
import pytest

from ganbench.errors import BenchError
from ganbench.evaluation import metric as module
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.measurement import Said
from ganbench.evaluation.metric import NETWORKS, Evidence, Gives, NotApplicable, Scores, measure, metric

SCORES = Scores(np.zeros(9), np.linspace(0, 2, 1100), np.linspace(-2, 1, 1200), 0.0)
rng = np.random.default_rng(0)


def seen(n: int) -> Seen:
    return Seen(rng.normal(size=(n, 8)).astype(np.float32), rng.dirichlet(np.ones(3), n).astype(np.float32))


def nearest(n: int) -> Nearest:
    return Nearest(np.ones((n, 4)), np.zeros((n, 4), np.int64), np.ones(n))


@pytest.fixture
def evidence() -> Evidence:
    found = nearest(40)
    return Evidence(seen(40), seen(40), {"pixel": found, "feature": found}, 5, True, None)


@pytest.fixture
def registry(monkeypatch, evidence):
    measure(evidence)
    monkeypatch.setattr(module.METRICS, "_entries", dict(module.METRICS._entries))


def test_every_family_is_found_and_every_name_states_its_protocol(evidence):
    values, left_out, _ = measure(evidence)
    assert sorted(values) == [
        "authenticity_judge_40",
        "class_reverse_kl_judge_40",
        "classes_covered_judge_40",
        "coverage_judge_40_k5",
        "density_judge_40_k5",
        "fid_infinity_judge_40",
        "fid_judge_40",
        "is_judge_40",
        "kid_error_judge_40",
        "kid_judge_40",
        "nn_feature_40",
        "nn_pixel_40",
        "precision_judge_40_k5",
        "recall_judge_40_k5",
        "sliced_w2_judge_40_p128",
        "vendi_judge_40",
        "w2_judge_40",
    ]
    assert {"discriminator", "discriminator_calibration", "discriminator_ranking", "combinations"} <= set(left_out)


def test_names_say_whose_features_they_are(evidence):
    values, _, _ = measure(replace(evidence, extractor="inception"))
    assert {"fid_inception_40", "vendi_inception_40", "nn_feature_inception_40", "nn_pixel_40"} <= set(values)
    assert not [name for name in values if "judge" in name]


def test_without_classes_the_inception_score_is_left_out_with_its_reason(evidence):
    values, left_out, _ = measure(replace(evidence, classes=False))
    assert "is_judge_40" not in values
    assert "classes" in left_out["inception_score"]


def test_a_new_metric_is_one_function(evidence, registry):
    @metric(spread=Gives())
    def spread(evidence):
        return {f"spread_{evidence.n}": 1.5}

    assert measure(evidence)[0]["spread_40"] == 1.5


def test_a_metric_may_say_why_it_does_not_apply(evidence, registry):
    @metric(spread=Gives())
    def spread(evidence):
        raise NotApplicable("there is none")

    assert measure(evidence)[1]["spread"] == "there is none"


def test_a_value_that_is_not_finite_is_refused_by_name(evidence, registry):
    @metric(spread=Gives())
    def spread(evidence):
        return {"spread_40": float("nan")}

    with pytest.raises(BenchError, match="spread_40: nan"):
        measure(evidence)


def test_a_value_of_no_declared_family_is_refused_by_name(evidence, registry):
    @metric(spread=Gives(), width=Gives())
    def spread(evidence):
        return {"spreading_40": 1.0}

    with pytest.raises(BenchError, match=r"spreading_40: .*allowed: spread, width"):
        measure(evidence)


def test_what_is_said_of_a_value_is_that_of_the_longest_family_that_its_name_begins_with(evidence, registry):
    @metric(spread=Gives(), spread_error=Gives("judge", lambda evidence: evidence.n / 2, lambda _, name: len(name)))
    def spread(evidence):
        return {"spread_40": 1.0, "spread_error_40": 2.0}

    said = measure(evidence).said
    assert said["spread_40"] == Said(ceiling=None, n=40, reads=None)
    assert said["spread_error_40"] == Said(ceiling=20, n=15, reads="judge")


def test_every_value_says_its_own_n_network_and_ceiling(evidence):
    found = nearest(1200)
    many = Evidence(seen(1200), seen(1200), {"pixel": found, "feature": found}, 5, True, SCORES)
    said = measure(many).said
    assert said["w2_judge_1000"] == Said(ceiling=0.0, n=1000, reads="extractor")
    assert said["sliced_w2_judge_1200_p128"].n == said["fid_judge_1200"].n == 1200
    assert said["nn_pixel_1200"].reads is None
    assert said["nn_feature_1200"].reads == "extractor"
    assert {said[name].n for name in said if name.startswith("discriminator_true_positive")} == {1100}
    assert {said[name].n for name in said if name.startswith("discriminator_true_negative")} == {600}
    assert {said[name].n for name in said if name.startswith("discriminator_a")} == {600}
    assert {said[name].reads for name in said if name.startswith("discriminator_")} == {"discriminator"}
    assert said["is_judge_1200"].ceiling == said["classes_covered_judge_1200"].ceiling == 3
    ceilings = {name.split("_")[0]: entry.ceiling for name, entry in said.items()}
    assert ceilings["precision"] == ceilings["recall"] == ceilings["coverage"] == 1
    assert said["fid_judge_1200"].ceiling == said["class_reverse_kl_judge_1200"].ceiling == 0
    assert said["fid_infinity_judge_1200"].ceiling is None
    assert ceilings["density"] is ceilings["kid"] is ceilings["vendi"] is ceilings["authenticity"] is None


def test_no_value_is_better_than_its_ceiling(evidence):
    same = replace(evidence, judged=evidence.reference)
    found = measure(same)
    for name, (ceiling, _, _) in found.said.items():
        if ceiling == 0:
            assert found.values[name] >= 0, name
        elif ceiling is not None:
            assert found.values[name] <= ceiling, name


def test_every_network_that_a_metric_reads_is_one_that_a_record_knows(evidence, registry):
    reads = {gives.reads for _, families in module.METRICS._entries.values() for gives in families.values()}
    assert reads - {None} == set(NETWORKS)
