"""The JSON schema of params.yaml, for editors: the typed parameters and the entries of every axis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ganbench.data.points.source import POINT_SOURCES
from ganbench.data.translation.task import TASKS
from ganbench.evaluation.extractor import EXTRACTORS
from ganbench.games.condition import CONDITIONS
from ganbench.games.optimizer import OPTIMIZERS
from ganbench.games.translation.game import GAMES
from ganbench.games.trick import TRICKS
from ganbench.networks.network import NETWORKS
from ganbench.networks.translation.patches import PATCHES
from ganbench.networks.translation.translator import TRANSLATORS
from ganbench.objectives.constraint import CONSTRAINTS
from ganbench.objectives.objective import OBJECTIVES
from ganbench.params import Params
from ganbench.registry import Registry

FILE = Path("params.schema.json")
Schema = dict[str, Any]


def schema() -> Schema:
    """JSON schema (draft 2020-12) of params.yaml."""
    whole: Schema = _resolve_axes(Params.model_json_schema())
    one: tuple[Registry[Any], ...] = (
        NETWORKS, OBJECTIVES, CONDITIONS, POINT_SOURCES, TASKS, GAMES, TRANSLATORS, PATCHES, EXTRACTORS,
    )  # fmt: skip
    several: tuple[Registry[Any], ...] = (CONSTRAINTS, TRICKS)
    whole["$defs"] |= {registry.axis: _named(registry) for registry in one}
    whole["$defs"] |= {registry.axis: _mapping(registry) | {"type": ["object", "null"]} for registry in several}
    whole["$defs"][OPTIMIZERS.axis] = _optimizer()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _resolve_axes(node: Any) -> Any:
    """Replace the markers of the axes by references; defaults, which stand beside them, are typed values: drop them."""
    if isinstance(node, dict):
        if "axis" in node:
            return {"$ref": f"#/$defs/{node['axis']}"}
        return {key: _resolve_axes(value) for key, value in node.items() if key != "Choice"}
    return [_resolve_axes(value) for value in node] if isinstance(node, list) else node


def _mapping(registry: Registry[Any]) -> Schema:
    """Names to options."""
    properties = {name: _value(entry) for name, entry in registry.schema().items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _named(registry: Registry[Any]) -> Schema:
    """A name, or a mapping of one name to its options."""
    return {
        "anyOf": [{"enum": list(registry.entries())}, _mapping(registry) | {"minProperties": 1, "maxProperties": 1}]
    }


def _value(entry: Schema) -> Schema:
    """The options as a mapping, or one value for the first."""
    options = {key: value for key, value in entry.items() if key != "title"} | {"additionalProperties": False}
    first = next(iter(entry.get("properties", {}).values()), None)
    return {"anyOf": [options, {"type": "null"}, *([first] if first else [])]}


def _optimizer() -> Schema:
    """A mapping whose `name` decides which options there are."""
    choices = []
    for name, entry in OPTIMIZERS.schema().items():
        properties = {"name": {"const": name}, **entry["properties"]}
        required = [] if name == "adam" else ["name"]
        choices.append(
            {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        )
    return {"anyOf": choices}
