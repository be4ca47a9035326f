"""Stages of these tests start warm, as under `ganbench repro`; one test keeps the door shut and compares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from project import ENVIRONMENT

from ganbench.scaling.warm import warm


@pytest.fixture(scope="session", autouse=True)
def _door() -> Iterator[None]:
    with warm(ENVIRONMENT) as door:
        ENVIRONMENT.update(door)
        yield
        for name in door:
            del ENVIRONMENT[name]
