from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ganbench.errors import BenchError
from ganbench.games.tracks import check_tracks
from ganbench.params import Params, Range
from ganbench.search.space import as_written, check_search, extremes, space_of, with_values

ROOT = Path(__file__).parents[2]


def ranged(params: Params, variant: str, track: str = "images", **ranges: Range) -> Params:
    found = {variant: {key.replace("__", "."): value for key, value in ranges.items()}}
    return params.model_copy(update={track: getattr(params, track).model_copy(update={"search": found})})


def test_every_declared_variant_is_what_it_is_when_it_is_written_again():
    values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    declared = Params.model_validate(values)
    for track in ("images", "points", "translation"):
        section = getattr(declared, track)
        for name, variant in (section.variants if section is not None else {}).items():
            assert type(variant).model_validate(as_written(variant)) == variant, f"{track}/{name}"


def test_values_are_written_where_their_keys_point(small_params):
    values = {
        "optimizer.lr": 3e-3,
        "critic_steps": 2,
        "constraint.gradient_penalty": 7.5,
        "network.dcgan.width": 6,
        "tricks.ema": 5,
    }
    made = with_values("images", "wgan_gp", small_params, values, "wgan_gp_trial_4")
    assert list(made.images.variants) == ["wgan_gp_trial_4"]
    variant, declared = made.images.variants["wgan_gp_trial_4"], small_params.images.variants["wgan_gp"]
    assert variant.optimizer.options == declared.optimizer.options | {"lr": 3e-3}
    assert variant.critic_steps == 2
    assert [(one.name, one.options) for one in variant.constraint] == [("gradient_penalty", 7.5)]
    assert variant.network.options == {"width": 6}
    assert variant.tricks[0].options == 5
    assert variant.objective == declared.objective
    check_tracks(made)


def test_what_was_declared_stays_as_it_was(small_params):
    before = small_params.model_dump_json()
    with_values("images", "dcgan", small_params, {"network.dcgan.width": 6, "optimizer.lr": 1e-3}, "x")
    assert small_params.model_dump_json() == before


def test_a_whole_entry_may_be_chosen(small_params):
    made = with_values("images", "gan", small_params, {"network": {"dcgan": {"width": 4}}, "objective": "hinge"}, "x")
    assert made.images.variants["x"].network.name == "dcgan"
    assert made.images.variants["x"].objective.name == "hinge"


def test_an_entry_without_options_gets_one(small_params):
    made = with_values("images", "gan", small_params, {"objective.minimax.real_label": 0.9}, "x")
    assert made.images.variants["x"].objective.options == {"real_label": 0.9}


def test_the_other_tracks_and_the_exploration_are_left_out(small_params):
    made = with_values("images", "gan", small_params, {}, "x")
    assert made.points is None
    assert made.images.explore.variants == []
    assert with_values("points", "gan", small_params, {}, "x").images == small_params.images


def test_bounds_and_choices_are_what_is_tried():
    assert extremes(Range(log=[1e-4, 1e-2])) == [1e-4, 1e-2]
    assert extremes(Range(integer=[0, 3])) == [0, 3]
    assert extremes(Range(choice=["a", [1], None])) == ["a", [1], None]


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({"optimizer__lrr": Range(log=[1e-4, 1e-2])}, r"wgan_gp\.optimizer\.lrr: 0\.0001: .*unknown key 'lrr'"),
        ({"critic_step": Range(choice=[1, 2])}, r"wgan_gp\.critic_step: 1: .*unknown key 'critic_step'"),
        ({"critic_steps": Range(integer=[0, 3])}, r"wgan_gp\.critic_steps: 0: .*greater than 0"),
        ({"optimizer__lr": Range(uniform=[-1.0, 1.0])}, r"wgan_gp\.optimizer\.lr: -1\.0: "),
        ({"constraint__r9": Range(log=[0.1, 1.0])}, r"wgan_gp\.constraint\.r9: 0\.1: .*unknown constraint 'r9'"),
        ({"network": Range(choice=["dcgan", "dcgna"])}, r"wgan_gp\.network: \"dcgna\": .*unknown network 'dcgna'"),
        (
            {"constraint__gradient_penalty__weight": Range(log=[1.0, 9.0])},
            r"wgan_gp\.constraint\.gradient_penalty\.weight: 1\.0: .*10\.0 stands there, which is no mapping",
        ),
        ({"critic_steps": Range(choice=[1, 100])}, r"wgan_gp\.critic_steps: 100: "),
    ],
)
def test_what_a_variant_cannot_take_is_refused_by_its_key(small_params, ranges, said):
    with pytest.raises(BenchError, match=rf"^params\.yaml: images\.search\.{said}") as raised:
        check_search(ranged(small_params, "wgan_gp", **ranges))
    assert len(raised.value.message.splitlines()) == 1


def test_ranges_that_a_variant_can_take_are_accepted(params):
    check_search(params)


def test_the_declared_ranges_are_those_that_their_variants_can_take(monkeypatch):
    monkeypatch.chdir(ROOT)
    declared = Params.model_validate(YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8")))
    check_search(declared)
    for track, least in (("images", 8), ("points", 8), ("translation", 2)):
        assert len(getattr(declared, track).search) >= least


def test_a_search_of_one_variant_is_not_stopped_by_the_ranges_of_another(small_params):
    found = ranged(small_params, "wgan_gp", critic_step=Range(choice=[1]))
    check_search(found, ("images", "gan"))
    with pytest.raises(BenchError, match="critic_step"):
        check_search(found, ("images", "wgan_gp"))


def test_ranges_of_a_variant_that_is_not_declared_are_refused(small_params):
    with pytest.raises(BenchError, match=r"images\.search\.wgangp: unknown variant 'wgangp' \(did you mean"):
        check_search(ranged(small_params, "wgangp", critic_steps=Range(choice=[1])))


def test_a_search_of_nothing_says_what_to_declare(small_params):
    with pytest.raises(BenchError, match=r"images\.search\.acgan: no ranges; expected some, such as images\.search: "):
        space_of("images", "acgan", small_params)
    with pytest.raises(BenchError, match=r"unknown variant 'gann'"):
        space_of("images", "gann", small_params)
    with pytest.raises(BenchError, match=r"unknown track 'image' \(did you mean 'images'\?\)"):
        space_of("image", "gan", small_params)


@pytest.mark.parametrize(
    ("variant", "ranges", "said"),
    [
        ("pix2pix", {"optimizer__lrr": Range(log=[1e-4, 1e-2])}, r"optimizer\.lrr: 0\.0001: .*unknown key 'lrr'"),
        ("pix2pix", {"game": Range(choice=["paired", "pared"])}, r"game: \"pared\": .*unknown game 'pared'"),
        ("cyclegan", {"game__cycle__identity": Range(uniform=[0.0, 1.0])}, r"game\.cycle\.identity: 1\.0: "),
    ],
)
def test_what_a_translation_cannot_take_is_refused_before_any_work(small_params, monkeypatch, variant, ranges, said):
    monkeypatch.chdir(ROOT)
    with pytest.raises(BenchError, match=rf"^params\.yaml: translation\.search\.{variant}\.{said}"):
        check_search(ranged(small_params, variant, "translation", **ranges))
    check_search(ranged(small_params, variant, "translation", optimizer__lr=Range(log=[1e-4, 1e-2])))
