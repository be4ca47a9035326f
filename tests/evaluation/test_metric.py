from dataclasses import replace

import numpy as np
import pytest

from ganbench.errors import BenchError
from ganbench.evaluation import metric as module
from ganbench.evaluation.distances import Nearest
from ganbench.evaluation.features import Seen
from ganbench.evaluation.metric import Evidence, NotApplicable, measure, metric, metrics


@pytest.fixture
def evidence() -> Evidence:
    rng = np.random.default_rng(0)

    def seen():
        return Seen(rng.normal(size=(40, 8)).astype(np.float32), rng.dirichlet(np.ones(3), 40).astype(np.float32))

    found = Nearest(np.ones((40, 4)), np.zeros((40, 4), np.int64), np.ones(40))
    return Evidence(seen(), seen(), {"pixel": found, "feature": found}, 5, True, None)


@pytest.fixture
def registry(monkeypatch):
    metrics()
    monkeypatch.setattr(module, "_metrics", dict(module._metrics))


def test_every_family_is_found_and_every_name_states_its_protocol(evidence):
    values, left_out = measure(evidence)
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
    values, _ = measure(replace(evidence, extractor="inception"))
    assert {"fid_inception_40", "vendi_inception_40", "nn_feature_inception_40", "nn_pixel_40"} <= set(values)
    assert not [name for name in values if "judge" in name]


def test_without_classes_the_inception_score_is_left_out_with_its_reason(evidence):
    values, left_out = measure(replace(evidence, classes=False))
    assert "is_judge_40" not in values
    assert "classes" in left_out["inception_score"]


def test_a_new_metric_is_one_function(evidence, registry):
    @metric
    def spread(evidence):
        return {f"spread_{evidence.n}": 1.5}

    assert measure(evidence)[0]["spread_40"] == 1.5


def test_a_metric_may_say_why_it_does_not_apply(evidence, registry):
    @metric
    def spread(evidence):
        raise NotApplicable("there is none")

    assert measure(evidence)[1]["spread"] == "there is none"


def test_a_value_that_is_not_finite_is_refused_by_name(evidence, registry):
    @metric
    def spread(evidence):
        return {"spread_40": float("nan")}

    with pytest.raises(BenchError, match="spread_40: nan"):
        measure(evidence)
