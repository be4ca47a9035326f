import pytest
from fabricated import VARIANTS
from ruamel.yaml import YAML

from ganbench.params import Variant
from ganbench.reporting.declared import declared


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_shown_declares_the_same_variant_again(name):
    variant = Variant.model_validate(VARIANTS[name])
    assert Variant.model_validate(YAML(typ="safe").load(declared(name, variant))[name]) == variant


def test_keys_that_were_not_written_are_not_shown():
    variant = Variant.model_validate({"network": "mlp", "objective": "minimax"})
    assert declared("gan", variant) == "gan:\n  network: mlp\n  objective: minimax"


def test_options_stand_on_one_line():
    assert declared("wgan_gp", Variant.model_validate(VARIANTS["wgan_gp"])).splitlines()[-1] == (
        "  optimizer: {name: adam, lr: 0.0001, betas: [0.0, 0.9]}"
    )
