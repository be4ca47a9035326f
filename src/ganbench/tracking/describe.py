"""A cell's declaration as flat parameters, and the hash of what determines its training."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ganbench.cell import Cell
from ganbench.params import Choice, Params, TranslationVariant, Variant
from ganbench.registry import Registry


def training_params(cell: Cell, params: Params) -> dict[str, str]:
    """What determines a training, beside code and data: one level of names, options with their defaults filled in.

    ``variant``, ``seed``, ``dataset``, ``network``, ``network.width``, ``lr``, … as MLflow's charts want them.

    Raises:
        BenchError: the variant isn't declared as it must be.
    """
    from ganbench.games.optimizer import OPTIMIZERS
    from ganbench.games.trick import TRICKS
    from ganbench.objectives.constraint import CONSTRAINTS
    from ganbench.objectives.objective import OBJECTIVES

    track = getattr(params, cell.track)
    variant = track.variants[cell.variant]
    where = f"{cell.track}.variants.{cell.variant}"
    optimizer = dataclasses.asdict(OPTIMIZERS.build(variant.optimizer, f"{where}.optimizer", inline=True))
    flat: dict[str, Any] = {
        "variant": cell.variant,
        "seed": cell.seed,
        "track": cell.track,
        **{name: value for name, value in track.model_dump().items() if not isinstance(value, dict)},
        **_data(cell.track, params),
        **track.training.model_dump(),
        **(_translators if isinstance(variant, TranslationVariant) else _generators)(variant, where),
        **_axis("objective", OBJECTIVES, (variant.objective,), where),
        **_axis("constraint", CONSTRAINTS, variant.constraint, where),
        **_axis("tricks", TRICKS, variant.tricks, where),
        "optimizer": variant.optimizer.name,
        **{f"optimizer.{name}": value for name, value in optimizer.items() if value is not None},
        "lr": optimizer["lr"],
    }
    return {name: str(value) for name, value in flat.items()}


def _generators(variant: Variant, where: str) -> dict[str, Any]:
    """Axes of the games of noise → sample."""
    from ganbench.games.condition import CONDITIONS
    from ganbench.networks.network import NETWORKS

    return {
        **_axis("network", NETWORKS, (variant.network,), where),
        **_axis("condition", CONDITIONS, (variant.condition,), where),
        "critic_steps": variant.critic_steps,
        "generator_steps": variant.generator_steps,
    }


def _translators(variant: TranslationVariant, where: str) -> dict[str, Any]:
    """Axes of the games of image → image."""
    from ganbench.games.translation.game import GAMES
    from ganbench.networks.translation.patches import PATCHES
    from ganbench.networks.translation.translator import TRANSLATORS

    return {
        **_axis("game", GAMES, (variant.game,), where),
        **_axis("network", TRANSLATORS, (variant.network,), where),
        **_axis("discriminator", PATCHES, (variant.discriminator,), where),
    }


def _data(track: str, params: Params) -> dict[str, Any]:
    """The options of a distribution of points, or of a task of translation, beside its name."""
    if track == "points" and params.points is not None:
        from ganbench.data.points.source import POINT_SOURCES

        return _axis("dataset", POINT_SOURCES, (params.points.dataset,), track)
    if track == "translation" and params.translation is not None:
        from ganbench.data.translation.task import TASKS

        return _axis("task", TASKS, (params.translation.task,), track)
    return {}


def protocol_params(cell: Cell, params: Params) -> dict[str, str]:
    """What determines samples and metrics of a trained cell: ``evaluate.samples``, ``prepare.filter``, …"""
    groups = getattr(params, cell.track).model_dump(include={"prepare", "judge", "sample", "evaluate"})
    return {f"{group}.{name}": str(value) for group, values in groups.items() for name, value in values.items()}


def training_hash(declared: Mapping[str, str], data_hash: str) -> str:
    """Hash of all that determines a training, beside code: its live run is found by it.

    Args:
        declared: as `training_params` says it.
        data_hash: of the pixels of the training split: ``sha256.train`` of the packed store.
    """
    text = json.dumps([dict(declared), data_hash], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _axis(axis: str, registry: Registry[Any], choices: Sequence[Choice], where: str) -> dict[str, Any]:
    """``{"constraint": "gradient_penalty", "constraint.weight": 10.0}``; several entries share the axis by «+»."""
    flat: dict[str, Any] = {axis: "+".join(choice.name for choice in choices) or "none"}
    for choice in choices:
        prefix = axis if axis not in ("constraint", "tricks") else f"{axis}.{choice.name}"
        options = dataclasses.asdict(registry.build(choice, f"{where}.{axis}"))
        if prefix != axis and options:  # the first one keeps the place where params.yaml writes its value
            flat[prefix] = options.pop(next(iter(options)))
        flat |= {f"{prefix}.{name}": value for name, value in options.items()}
    return flat
