"""What is declared, and what can be: text for people."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ganbench.data.points.source import POINT_SOURCES
from ganbench.data.source import SOURCES
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
from ganbench.params import Choice, Params, TranslationVariant, Variant
from ganbench.registry import Registry

AXES: dict[str, Registry[Any]] = {
    **{registry.axis: registry for registry in (NETWORKS, OBJECTIVES, CONSTRAINTS, TRICKS, CONDITIONS, OPTIMIZERS)},
    "dataset of images": SOURCES,
    "dataset of points": POINT_SOURCES,
    **{registry.axis: registry for registry in (TASKS, GAMES, TRANSLATORS, PATCHES, EXTRACTORS)},
}


def declared(params: Params) -> str:
    """The variants of params.yaml, one a line."""
    sections = [_track("images", params.images.dataset, params.images.variants)]
    if params.points is not None:
        sections.append(_track("points", params.points.dataset.name, params.points.variants))
    if params.translation is not None:
        track = params.translation
        sections.append(_track("translation", f"{track.task.name} of {track.dataset}", track.variants))
    return "\n".join(sections)


def _track(track: str, dataset: str, variants: Mapping[str, Variant] | Mapping[str, TranslationVariant]) -> str:
    lines = [f"declared in params.yaml, track {track} on {dataset}:"]
    wide = max(map(len, variants))
    for name, variant in variants.items():
        parts = [variant.network, variant.objective, *variant.constraint, *variant.tricks, variant.optimizer]
        steps = ""
        if isinstance(variant, TranslationVariant):
            parts = [variant.game, variant.discriminator, *parts]
        else:
            parts += [variant.condition] if variant.condition.name != "none" else []
            steps = f", {variant.critic_steps} critic steps" if variant.critic_steps > 1 else ""
        lines.append(f"  {name:<{wide}}  {', '.join(map(_choice, parts))}{steps}")
    return "\n".join(lines) + "\n"


def catalogue() -> str:
    """Every entry of every axis, with its options and their defaults."""
    lines = []
    for title, registry in AXES.items():
        lines.append(f"{title}:")
        for name, entry in registry.entries().items():
            options = ", ".join(map(_option, dataclasses.fields(entry))) if dataclasses.is_dataclass(entry) else ""
            first_line = (entry.__doc__ or "").strip().splitlines()[0]
            lines.append(f"  {name}({options})\n      {first_line}")
    return "\n".join(lines)


def _choice(choice: Choice) -> str:
    if choice.options in (None, {}):
        return choice.name
    if isinstance(choice.options, dict):
        return f"{choice.name}({', '.join(f'{key}={value}' for key, value in choice.options.items())})"
    return f"{choice.name}({choice.options})"


def _option(field: dataclasses.Field[Any]) -> str:
    return field.name if field.default is dataclasses.MISSING else f"{field.name}={field.default}"
