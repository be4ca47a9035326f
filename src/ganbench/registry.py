"""The entries of an axis (networks, objectives, …), found by name.

A registry belongs to a package: every module of that package is imported on first use, so a new entry is one class in
one new file and no list is edited anywhere. An entry is a frozen dataclass: its fields are its options, with their
types, bounds and defaults.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, Generic, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from ganbench.errors import BenchError
from ganbench.params import FILE, Choice, explain, unknown

T = TypeVar("T")
E = TypeVar("E")


class Registry(Generic[T]):
    """Name → class for one axis; `package` holds one entry a module."""

    def __init__(self, axis: str, package: str) -> None:
        self.axis = axis
        self._package = package
        self._entries: dict[str, type[T]] = {}
        self._complete = False

    def register(self, name: str) -> Callable[[type[E]], type[E]]:
        """Class decorator: make a frozen dataclass available under `name`."""

        def add(entry: type[E]) -> type[E]:
            if self._entries.setdefault(name, entry) is not entry:  # type: ignore[arg-type]
                raise ValueError(f"{self.axis} {name!r} is registered twice")
            return with_config(ConfigDict(extra="forbid", strict=True))(entry)

        return add

    def entries(self) -> dict[str, type[T]]:
        """All entries, sorted by name."""
        if not self._complete:
            for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
                importlib.import_module(f"{self._package}.{module.name}")
            self._complete = True
        return dict(sorted(self._entries.items()))

    def build(self, choice: Choice, where: str, inline: bool = False) -> T:
        """The entry that was chosen, with its options.

        Args:
            choice: a name and options: a mapping, one value for the first option, or None for the defaults.
            where: the key in params.yaml, for messages.
            inline: the options stand at `where` itself, beside the name, and not below the name.

        Raises:
            BenchError: unknown name, unknown option, wrong type or range.
        """
        entries = self.entries()
        if choice.name not in entries:
            raise BenchError(f"{FILE}: {where}: {unknown(self.axis, choice.name, entries)}")
        entry = entries[choice.name]
        at = where if inline else f"{where}.{choice.name}"
        options = choice.options
        if options is None:
            options = {}
        elif not isinstance(options, dict):
            fields = dataclasses.fields(entry)  # type: ignore[arg-type]
            if not fields:
                raise BenchError(f"{FILE}: {at}: takes no options, got {options!r}")
            options = {fields[0].name: options}
        try:
            # JSON mode: strict about numbers and strings, yet a list may become a tuple
            built: T = _adapter(cast(Hashable, entry)).validate_json(json.dumps(options, default=str))
        except ValidationError as error:
            raise BenchError("\n".join(explain(error, entry, FILE, (at,)))) from None
        return built

    def schema(self) -> dict[str, dict[str, Any]]:
        """JSON schema of each entry's options, by name."""
        return {name: TypeAdapter(entry).json_schema() for name, entry in self.entries().items()}


@cache
def _adapter(entry: Any) -> TypeAdapter[Any]:
    """Made once: it takes milliseconds, and the ranges of a search have the same entries built hundreds of times."""
    return TypeAdapter(entry)
