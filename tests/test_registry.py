"""Entries are found by name, from files alone."""

import sys
from pathlib import Path

import pytest

from ganbench.errors import BenchError
from ganbench.params import Choice
from ganbench.registry import Registry

ENTRY = """
from dataclasses import dataclass
from typing import Annotated
from annotated_types import Gt
from toys import TOYS

@TOYS.register("{name}")
@dataclass(frozen=True)
class Toy:
    size: Annotated[float, Gt(0)] = 1.0
    colour: str = "red"
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[object]:
    package = tmp_path / "toys"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from ganbench.registry import Registry\nTOYS = Registry('toy', 'toys')\n", encoding="utf-8"
    )
    (package / "ball.py").write_text(ENTRY.format(name="ball"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "toys"]:
        monkeypatch.delitem(sys.modules, name)
    import toys

    return toys.TOYS


def test_a_new_file_is_a_new_entry(toys: Registry[object], tmp_path: Path) -> None:
    (tmp_path / "toys" / "kite.py").write_text(ENTRY.format(name="kite"), encoding="utf-8")
    assert [*toys.entries()] == ["ball", "kite"]


def test_options_are_a_mapping_a_first_value_or_nothing(toys: Registry[object]) -> None:
    ball = type(toys.build(Choice(name="ball"), "x"))
    assert toys.build(Choice(name="ball"), "x") == ball()
    assert toys.build(Choice(name="ball", options=3), "x") == ball(size=3.0)
    assert toys.build(Choice(name="ball", options={"colour": "blue"}), "x") == ball(colour="blue")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(name="bal"), r"params.yaml: x: unknown toy 'bal' \(did you mean 'ball'\?\); allowed: ball"),
        (Choice(name="ball", options={"size": 0}), r"x\.ball\.size: 0: input should be greater than 0"),
        (Choice(name="ball", options={"size": "3"}), r"x\.ball\.size: '3': input should be a valid number"),
        (Choice(name="ball", options={"sise": 1}), r"x\.ball\.sise: unknown key 'sise' \(did you mean 'size'\?\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_key(toys: Registry[object], choice: Choice, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        toys.build(choice, "x")


def test_a_name_belongs_to_one_entry(toys: Registry[object]) -> None:
    toys.entries()
    with pytest.raises(ValueError, match="registered twice"):
        toys.register("ball")(type("Other", (), {}))
