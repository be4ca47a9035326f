"""A variant as it stands in params.yaml."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ganbench.params import Choice, TranslationVariant, Variant


def declared(name: str, variant: Variant | TranslationVariant) -> str:
    """The YAML of a variant: the keys that were written, in the order of the axes, without comments."""
    axes = CommentedMap({key: _plain(key, getattr(variant, key)) for key in type(variant).model_fields
                         if key in variant.model_fields_set})  # fmt: skip
    yaml = YAML()
    yaml.width = 100
    text = io.StringIO()
    yaml.dump(CommentedMap({name: axes}), text)
    return text.getvalue().rstrip("\n")


def _plain(key: str, value: Any) -> Any:
    match value:
        case Choice(name=name, options=dict(options)) if key == "optimizer":
            return _flow({"name": name, **options})
        case Choice(name=name, options=None):
            return name
        case Choice(name=name, options=options):
            return _flow({name: options})
        case tuple():
            return _flow({choice.name: choice.options for choice in value})
    return value


def _flow(value: Any) -> Any:
    """Mappings and lists on one line, all the way down."""
    made: Any
    match value:
        case dict():
            made = CommentedMap({key: _flow(part) for key, part in value.items()})
        case list() | tuple():
            made = CommentedSeq([_flow(part) for part in value])
        case _:
            return value
    made.fa.set_flow_style()
    return made
