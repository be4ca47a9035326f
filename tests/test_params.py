"""params.yaml: what is accepted, and how the rest is refused."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from ganbench.errors import BenchError
from ganbench.games.recipe import check_variants
from ganbench.games.tracks import check_tracks
from ganbench.params import load, read, validate
from ganbench.schema import schema, text

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")


def edited(folder: Path, old: str, new: str) -> Path:
    assert old in TEXT
    path = folder / "params.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(BenchError) as caught:
        check_variants(load(path))
    assert "\n" not in caught.value.message, "one line"
    return caught.value.message.replace(str(path), "params.yaml")


BAD = {
    "a misspelt key": (
        "lr: 2.0e-4",
        "lrr: 2.0e-4",
        "images.variants.gan.optimizer.lrr: unknown key 'lrr' (did you mean 'lr'?)",
    ),
    "a misspelt top key": ("images:", "imgaes:", "imgaes: unknown key 'imgaes' (did you mean 'images'?)"),
    "a misspelt axis": ("network: mlp", "netwrok: mlp", "gan.netwrok: unknown key 'netwrok' (did you mean 'network'?)"),
    "an unknown network": ("network: mlp", "network: mpl", "gan.network: unknown network 'mpl' (did you mean 'mlp'?)"),
    "an unknown option": ("network: mlp", "network: {mlp: {widht: 3}}", "gan.network.mlp.widht: unknown key 'widht'"),
    "an unknown trick": ("{ema: 10}", "{eema: 10}", "gan.tricks: unknown trick 'eema' (did you mean 'ema'?)"),
    "an unknown condition": (
        "network: mlp",
        "condition: colour\n      network: mlp",
        "gan.condition: unknown condition",
    ),
    "an unknown optimiser": ("name: rmsprop", "name: rmspop", "unknown optimizer 'rmspop' (did you mean 'rmsprop'?)"),
    "a negative rate": ("lr: 2.0e-4", "lr: -1", "gan.optimizer.lr: -1: input should be greater than 0"),
    "a word for a number": ("lr: 2.0e-4", "lr: fast", "gan.optimizer.lr: 'fast': input should be a valid number"),
    "a number in quotes": ("channels: 1", "channels: '1'", "images.channels: '1': input should be 1 or 3"),
    "a beta of 1": (
        "betas: [0.5, 0.999]",
        "betas: [0.5, 1.0]",
        "gan.optimizer.betas.1: 1.0: input should be less than 1",
    ),
    "a fraction of an epoch": ("epochs: 20", "epochs: 1.5", "images.judge.epochs: 1.5"),
    "an unknown bound": (
        "bound: held_out",
        "bound: test",
        "images.evaluate.bound: 'test': input should be 'held_out' or 'training'",
    ),
    "a pupil that is taught nothing": (
        "steps: 120",
        "steps: 0",
        "images.evaluate.pupil.steps: 0: input should be greater than 0",
    ),
    "an infinite budget": ("budget_kimg: 80", "budget_kimg: .inf", "images.budget_kimg: inf"),
    "a budget below one round": ("budget_kimg: 80", "budget_kimg: 0.1", "one round of wgan takes 320 real images"),
    "a resolution between": (
        "resolution: 16",
        "resolution: 24",
        "images.resolution: 24: allowed: 16, 32, 64, 128, 256",
    ),
    "an odd device": ("device: auto", "device: gpu", "device: 'gpu'"),
    "no seeds": ("seeds: [0]", "seeds: []", "seeds: []: list should have at least 1 item"),
    "a seed twice": ("seeds: [0]", "seeds: [1, 1]", "seeds: [1, 1]: each seed may stand there once"),
    "a seed alone": ("seeds: [0]", "seeds: 0", "seeds: 0: input should be a valid list"),
    "a hyphen": (
        "gan_ns:  #",
        "gan-ns:  #",
        "images.variants.gan-ns: 'gan-ns': a variant's name is made of a-z, 0-9 and _",
    ),
    "a reserved name": (
        "gan_ns:  #",
        "real:  #",
        "images.variants.real: 'real': a variant may not be called judge, floor, real",
    ),
    "two Lipschitz constraints": (
        "{weight_clip: 0.01}",
        "{weight_clip: 0.01, gradient_penalty: 10.0}",
        "wgan.constraint: weight_clip with gradient_penalty makes no sense",
    ),
    "a penalty below 0": ("{gradient_penalty: 10.0}", "{gradient_penalty: -1}", "gradient_penalty.weight: -1"),
    "smoothed labels for a critic": (
        "critic_steps: 5\n      tricks: {ema: 1}",
        "critic_steps: 5\n      tricks: {label_smoothing: 0.9}",
        "wgan.tricks.label_smoothing: label smoothing needs an objective whose discriminator is taught labels",
    ),
    "batch norm under a penalty": (
        "network: {dcgan: {width: 32}}\n      objective: wasserstein\n      constraint: {gradient",
        "network: {dcgan: {discriminator_norm: batch}}\n      objective: wasserstein\n      constraint: {gradient",
        "wgan_gp.network: dcgan: discriminator_norm: 'batch' mixes the samples",
    ),
    "options for what has none": ("objective: wasserstein", "objective: {wasserstein: 2}", "takes no options, got 2"),
    "a list of networks": ("network: mlp", "network: [mlp]", "gan.network: ['mlp']: expected a name"),
    "a missing axis": ("      network: mlp\n", "", "images.variants.gan.network: this key is required"),
    "a key twice": ("device: auto", "device: auto\ndevice: cpu", "not readable as YAML"),
    "broken YAML": ("seeds: [0]", "seeds: [0", "not readable as YAML"),
    "a seed that no generator takes": (
        "seeds: [0]",
        f"seeds: [{2**63}]",
        "seeds.0: 9223372036854775808: input should be",
    ),
    "a path for a dataset": ("dataset: digits", "dataset: ../secrets", "images.dataset: '../secrets'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_on_one_line_with_key_and_value(tmp_path: Path, case: str) -> None:
    old, new, expected = BAD[case]
    message = complaint(edited(tmp_path, old, new))
    assert message.startswith("params.yaml: ")
    assert expected in message


MAPPINGS = (
    (),
    ("engine",),
    *((track, *more) for track in ("images", "points", "translation") for more in ((), ("training",), ("evaluate",))),
    ("images", "evaluate", "pupil"),
    *(
        (track, "variants", variant, *more)
        for track, variant in (("images", "gan"), ("points", "gan"), ("translation", "pix2pix"))
        for more in ((), ("optimizer",))
    ),
    ("points", "variants", "gan_ns_sn", "constraint", "spectral_norm"),
    ("translation", "variants", "cyclegan", "game", "cycle"),
)


@pytest.mark.parametrize("place", MAPPINGS, ids=".".join)
def test_a_key_that_is_not_known_is_refused_on_one_line_with_those_that_are(place: tuple[str, ...]) -> None:
    values = json.loads(json.dumps(read(ROOT / "params.yaml")))  # an alias is no other place
    mapping = values
    for key in place:
        mapping = mapping[key]
    mapping["xyzzy"] = 1
    with pytest.raises(BenchError) as caught:
        check_tracks(validate(values, "params.yaml"))
    found = re.fullmatch(r"params\.yaml: (.+): unknown (?:key|option) 'xyzzy'; allowed: (.+)", caught.value.message)
    assert found, caught.value.message
    assert found[1] == ".".join((*place, "xyzzy"))
    assert set(mapping) - {"xyzzy"} <= set(found[2].split(", "))


def test_a_missing_file_says_where_to_stand(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="run from the root"):
        load(tmp_path / "params.yaml")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("")
    with pytest.raises(BenchError, match="expected a mapping"):
        load(tmp_path / "params.yaml")


def test_numbers_in_exponent_notation_without_a_dot_are_numbers(tmp_path: Path) -> None:
    params = load(edited(tmp_path, "lr: 2.0e-4", "lr: 2e-4"))
    assert params.images.variants["gan"].optimizer.options["lr"] == 2e-4


def test_an_entry_is_a_name_or_a_name_with_options() -> None:
    variants = load(ROOT / "params.yaml").images.variants
    assert (variants["gan"].network.name, variants["gan"].network.options) == ("mlp", None)
    assert (variants["dcgan"].network.name, variants["dcgan"].network.options) == ("dcgan", {"width": 32})


def test_the_first_five_variants_are_declared_as_their_papers_say() -> None:
    variants = load(ROOT / "params.yaml").images.variants
    assert [*variants][:5] == ["gan", "gan_ns", "dcgan", "wgan", "wgan_gp"]
    assert variants["wgan"].optimizer.name == "rmsprop"
    assert variants["wgan"].constraint[0].options == 0.01
    assert [variant.critic_steps for variant in variants.values()][:5] == [1, 1, 1, 5, 5]


def test_the_schema_on_disk_is_the_generated_one() -> None:
    assert (ROOT / "params.schema.json").read_text(encoding="utf-8") == text(), "run `ganbench schema`"


def test_the_schema_accepts_what_the_parser_accepts() -> None:
    jsonschema.validate(YAML(typ="safe").load(TEXT), schema())


@pytest.mark.parametrize("case", ["a misspelt key", "an unknown network", "an unknown option", "a resolution between"])
def test_the_schema_refuses_what_an_editor_should_mark(tmp_path: Path, case: str) -> None:
    old, new, _ = BAD[case]
    values = YAML(typ="safe").load(edited(tmp_path, old, new).read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, schema())
