"""Comparisons and ranks of fabricated cells."""

import itertools
import json

import pytest
from scipy import stats

from ganbench.cell import Cell
from ganbench.reporting import ranked
from ganbench.reporting.results import collect
from ganbench.reporting.standing import standings, to_json

FID, RECALL = "fid_judge_449", "recall_judge_449_k5"


def set_metric(variant, values, name=FID):
    for seed, value in enumerate(values):
        path = Cell("images", variant, seed).metrics_path
        path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))


def of(results, metric=FID):
    return next(one for one in standings(results) if one.metric == metric)


@pytest.fixture
def three(project):
    """Three variants with five seeds each: far better, better, and worst with one failure."""
    params = project(
        pictures=False, seeds=[0, 1, 2, 3, 4], variants=["gan", "dcgan", "wgan"], diverged={("wgan", 2)}
    ).write()
    set_metric("gan", [1.0, 1.1, 1.2, 1.3, 1.4])
    set_metric("dcgan", [2.0, 2.1, 1.15, 2.3, 2.4])
    for seed in (0, 1, 3, 4):
        path = Cell("images", "wgan", seed).metrics_path
        path.write_text(json.dumps(json.loads(path.read_text()) | {FID: 9.0 + seed}))
    return params


def test_every_pair_is_compared_as_scipy_does(three):
    results = collect(three)
    one = of(results)
    assert [(pair.first, pair.second) for pair in one.comparisons] == list(
        itertools.combinations(["gan", "dcgan", "wgan"], 2)
    )
    seeds = [results.rows(name)[FID].tolist() for name in ("gan", "dcgan")]
    assert one.comparisons[0].ranks.p == pytest.approx(stats.mannwhitneyu(*seeds, method="exact").pvalue)
    assert one.comparisons[0].paired.p == pytest.approx(stats.ttest_rel(*seeds).pvalue)
    assert one.compared("gan", "dcgan")[0] == pytest.approx(22 / 25)
    assert one.compared("dcgan", "gan")[0] == pytest.approx(3 / 25)


def test_a_failed_seed_is_the_worst_and_has_no_paired_difference(three):
    one = of(collect(three))
    assert one.compared("gan", "wgan") == (1.0, pytest.approx(3 * 2 / 252))
    assert one.comparisons[1].paired is None
    assert one.comparisons[1].paired_holm is None
    assert one.scatter["wgan"].worst is None
    assert one.scatter["wgan"].best == 9.0
    assert one.scatter["wgan"].median == 12.0
    assert [one.ranks[name].place for name in ("gan", "dcgan", "wgan")] == [1, 2, 3]


def test_where_higher_is_better_the_highest_is_the_best(project):
    params = project(pictures=False, seeds=[0, 1, 2], variants=["gan", "dcgan"]).write()
    set_metric("gan", [0.9, 0.8, 0.85], RECALL)
    set_metric("dcgan", [0.1, 0.2, 0.3], RECALL)
    one = of(collect(params), RECALL)
    assert one.ranks["gan"].place == 1
    assert (one.scatter["gan"].best, one.scatter["gan"].worst) == (0.9, 0.8)


def test_a_variant_whose_seeds_all_failed_has_the_last_place_in_what_all_others_have(project):
    diverged = {("wgan", seed) for seed in range(3)}
    results = collect(
        project(pictures=False, seeds=[0, 1, 2], variants=["wgan", "gan", "cgan"], diverged=diverged).write()
    )
    assert of(results).ranks["wgan"].place == 3
    assert "wgan" not in of(results, "condition_accuracy_judge_449").scatter
    assert json.loads(to_json(results))["images"]["metrics"][FID]["variants"]["wgan"]["mean"] is None


def test_a_seed_that_has_not_run_is_no_failure_and_keeps_its_variant_out(project):
    params = project(pictures=False, seeds=[0, 1, 2], variants=["gan", "dcgan", "wgan"], not_run={("gan", 1)}).write()
    results = collect(params)
    assert set(of(results).ranks) == {"dcgan", "wgan"}
    found = ranked.ranked(results)
    assert found is not None
    assert found.left_out == ["gan"]


def test_two_seeds_have_statistics_but_no_ranks(project):
    results = collect(project(pictures=False, seeds=[0, 1], variants=["gan", "dcgan"]).write())
    assert all(not one.ranks and not one.comparisons for one in standings(results))
    assert ranked.ranked(results) is None
    assert json.loads(to_json(results))["images"]["rankable"] is False


def test_metrics_without_a_direction_are_not_ranked(three):
    assert not of(collect(three), "discriminator_accuracy_449").ranks
    assert not of(collect(three), "nn_pixel_449").ranks


def test_sampling_error_is_told_apart_from_the_scatter_of_seeds(project):
    params = project(pictures=False, seeds=[0, 1, 2], variants=["gan"]).write()
    name = "precision_judge_449_k5"
    set_metric("gan", [0.5, 0.5, 0.5], name)
    one = of(collect(params), name).scatter["gan"]
    assert one.sampling == pytest.approx((0.25 / 449) ** 0.5)
    assert (one.seeds, one.training) == (0, 0)
    assert of(collect(params)).scatter["gan"].sampling is None


def test_the_error_of_kid_is_its_sampling_error(project):
    params = project(pictures=False, seeds=[0, 1], variants=["gan"]).write()
    set_metric("gan", [0.03, 0.04], "kid_error_judge_449")
    assert of(collect(params), "kid_judge_449").scatter["gan"].sampling == pytest.approx(
        ((0.03**2 + 0.04**2) / 2) ** 0.5
    )


def test_statistics_are_the_same_bytes_again(three):
    assert to_json(collect(three)) == to_json(collect(three))


def test_variants_stand_in_groups_of_equal_generator_steps(project):
    results = collect(project(pictures=False, variants=["gan", "dcgan", "wgan"]).write())
    results.frame.loc[results.frame["variant"] == "wgan", "iteration"] = 625
    made = [(group.steps, [row.name for row in group.rows]) for group in ranked.groups(results)]
    assert made == [(3125, ["gan", "dcgan"]), (625, ["wgan"])]
