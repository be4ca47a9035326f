"""What is searched: ranges beside a variant, and the variant that a draw from them makes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ganbench.cell import SHARED
from ganbench.errors import BenchError
from ganbench.games.tracks import check_tracks
from ganbench.games.translation.recipe import check_domains, declared_domains, translation_of
from ganbench.params import FILE, Params, Range, explain, unknown

Values = dict[str, Any]
"""By key inside the variant, such as ``optimizer.lr``."""


def space_of(track: str, variant: str, params: Params) -> dict[str, Range]:
    """The ranges of a variant.

    Raises:
        BenchError: the track or the variant isn't declared, or has no ranges.
    """
    tracks = [name for name in SHARED if getattr(params, name) is not None]
    if track not in tracks:
        raise BenchError(f"{FILE}: no such track: {unknown('track', track, tracks)}")
    section = getattr(params, track)
    if variant not in section.variants:
        raise BenchError(f"{FILE}: {track}.variants: {unknown('variant', variant, section.variants)}")
    if not section.search.get(variant):
        example = f"{{{variant}: {{optimizer.lr: {{log: [1.0e-5, 1.0e-2]}}}}}}"
        raise BenchError(
            f"{FILE}: {track}.search.{variant}: no ranges; expected some, such as {track}.search: {example}"
        )
    return dict(section.search[variant])


def check_search(params: Params, only: tuple[str, str] | None = None) -> None:
    """Refuse ranges of variants that aren't declared, keys that a variant hasn't got, and values that it can't take.

    Of every range the bounds or the choices are tried, one key at a time, the other keys as they are declared.

    Args:
        params: as declared.
        only: the track and the variant whose ranges are looked at; by default all.

    Raises:
        BenchError: for the first one.
    """
    for track in SHARED if only is None else only[:1]:
        section = getattr(params, track)
        if section is None or not section.search:
            continue
        check = _check(track, params)
        for variant, ranges in section.search.items():
            if only is not None and variant != only[1]:
                continue
            where = f"{track}.search.{variant}"
            if variant not in section.variants:
                raise BenchError(f"{FILE}: {where}: {unknown('variant', variant, section.variants)}")
            for key, found in ranges.items():
                for value in extremes(found):
                    _try(track, variant, params, key, value, check, f"{where}.{key}")


def extremes(found: Range) -> list[Any]:
    """The bounds of a range, or its choices."""
    return next(
        list(values) for values in (found.log, found.uniform, found.integer, found.choice) if values is not None
    )


def with_values(track: str, variant: str, params: Params, values: Mapping[str, Any], name: str) -> Params:
    """The parameters with one variant alone on the track: `variant` with other values, under another name.

    A value is written where its key points, as if it stood in params.yaml: it takes the place of what stands there.

    Raises:
        BenchError: a key leads through something that is no mapping, or a value is not allowed there.
    """
    section = getattr(params, track)
    declared = section.variants[variant]
    plain = as_written(declared)
    for key, value in values.items():
        _write(plain, key, value)
    try:
        made = type(declared).model_validate(plain)
    except ValidationError as error:
        prefix = (track, "variants", variant)
        raise BenchError("\n".join(explain(error, type(declared), FILE, prefix))) from None
    others: dict[str, Any] = {other: None for other in SHARED if other not in (track, "images")}
    changed = {"variants": {name: made}, "search": {}}
    if track == "images":
        changed["explore"] = section.explore.model_copy(update={"variants": []})
    return params.model_copy(update={**others, track: section.model_copy(update=changed)})


def as_written(variant: BaseModel) -> dict[str, Any]:
    """A variant as params.yaml would write it: entries by name, their options below it."""
    return {key: _entry(key, value) for key, value in variant.model_dump(mode="json").items()}


def _entry(key: str, value: Any) -> Any:
    if key == "optimizer":
        return {"name": value["name"], **(value["options"] or {})}
    if isinstance(value, list):
        return {choice["name"]: copy.deepcopy(choice["options"]) for choice in value}
    if isinstance(value, dict) and value.keys() == {"name", "options"}:
        return value["name"] if value["options"] is None else {value["name"]: copy.deepcopy(value["options"])}
    return value


def _write(plain: dict[str, Any], key: str, value: Any) -> None:
    node: Any = plain
    *parents, last = key.split(".")
    for depth, part in enumerate(parents):
        if isinstance(node.get(part), str):  # an entry without options, such as `network: dcgan`
            node[part] = {node[part]: {}}
        if node.get(part) is None:
            node[part] = {}
        node = node[part]
        if not isinstance(node, dict):
            at = ".".join(parents[: depth + 1])
            raise BenchError(
                f"{FILE}: {at}: {node!r} stands there, which is no mapping; "
                f"search {at} itself, or declare its options by their names"
            )
    node[last] = value


def _check(track: str, params: Params) -> Callable[[Params, str], object]:
    """What refuses parameters whose only variant of a track can't be built or trained; domains are opened once."""
    if track != "translation":
        return lambda made, _: check_tracks(made)
    a, b, paired = declared_domains(translation_of(params))
    return lambda made, variant: check_domains(made, variant, a, b, paired)


def _try(
    track: str,
    variant: str,
    params: Params,
    key: str,
    value: Any,
    check: Callable[[Params, str], object],
    where: str,
) -> None:
    try:
        check(with_values(track, variant, params, {key: value}, variant), variant)
    except BenchError as error:
        lines = [line.removeprefix(f"{FILE}: ") for line in error.message.splitlines()]
        raise BenchError(f"{FILE}: {where}: {json.dumps(value)}: {'; '.join(lines)}") from None
