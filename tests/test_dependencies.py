"""A stage of dvc.yaml declares the code that computes its result, or builds on a stage that does."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/ganbench"
STAGES: dict[str, Any] = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
ASIDE = {"tracking", "params.py", "registry.py", "cell.py", "errors.py", "outputs.py", "pictures.py", "warm.py"}
"""Tracking, parsing, writing files and laying out pictures: what no stage has to declare."""
TRACKS = {"points": "points", "translat": "translation"}
"""In a stage's name → in the path of code of that track alone."""
UNUSED = {
    "points": {"data/captions.py", "data/store.py"},  # points have no captions and are drawn, not stored
    "evaluate_points": {"data/captions.py", "data/store.py", "evaluation/metrics/discrimination.py"},
    "judge_translation": {"evaluation/attributes.py"},  # of captioned shapes
    "evaluate_translation": {"sampling/__init__.py"},  # of generators from noise
}
"""By stage: what its files import for others."""
SHARED = {"check", "floor", "floor_points", "floor_translation"}
"""Stages without training whose files are those of stages that train: here imports don't tell what computes."""


class Uses(ast.NodeVisitor):
    """Names that code uses when it runs: none of annotations, which are never evaluated."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_arg(self, node: ast.arg) -> None:
        pass

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (*node.body, *node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)


def file_of(module: str) -> Path | None:
    path = ROOT / "src" / Path(*module.split("."))
    return next((one for one in (path / "__init__.py", path.with_suffix(".py")) if one.exists()), None)


@cache
def used(path: Path) -> set[Path]:
    """Files of ganbench from which a file uses a name."""
    tree, uses, found = ast.parse(path.read_text(encoding="utf-8")), Uses(), set()
    uses.visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ganbench":
            for alias in node.names:
                if (alias.asname or alias.name) in uses.names:
                    found.add(file_of(f"{node.module}.{alias.name}") or file_of(node.module))
    return {one for one in found if one}


def reached(start: Iterable[Path], foreign: set[str]) -> set[str]:
    """Files of ganbench that others use, and what those use, and so on, beside what stands aside."""
    found, ahead = set(), list(start)
    while ahead:
        for path in used(ahead.pop()):
            own = path.relative_to(PACKAGE)
            if own.parts[0] not in ASIDE and not foreign & set(own.with_suffix("").parts) and path not in found:
                found.add(path)
                ahead.append(path)
    return {str(path.relative_to(PACKAGE)) for path in found}


def code(stage: str) -> list[str]:
    """What a stage declares of the package, from there."""
    return [one.removeprefix("src/ganbench/") for one in STAGES[stage]["deps"] if one.startswith("src/ganbench/")]


def before(stage: str) -> set[str]:
    """The stages whose outputs a stage reads, and theirs, and so on."""
    found: set[str] = set()
    for name in STAGES.keys() - {stage}:
        outputs = [one for key in ("outs", "metrics", "plots") for one in STAGES[name].get(key, ())]
        paths = [one if isinstance(one, str) else next(iter(one)) for one in outputs]
        if any(f"{a}/".startswith(f"{b}/") for a in STAGES[stage]["deps"] for b in paths):
            found |= {name} | before(name)
    return found


@pytest.mark.parametrize("stage", sorted(STAGES.keys() - SHARED))
def test_a_stage_declares_the_code_that_computes_its_result(stage: str) -> None:
    own = {"theory": {"points"}, "report": {*TRACKS.values()}}
    foreign = {*TRACKS.values()} - own.get(stage, {track for name, track in TRACKS.items() if name in stage})
    files: list[Path] = []
    for part in code(stage):
        files += [PACKAGE / part] if part.endswith(".py") else (PACKAGE / part).rglob("*.py")
    files = [path for path in files if not foreign & set(path.relative_to(ROOT).with_suffix("").parts)]
    declared = [part for name in (stage, *before(stage)) for part in code(name)]
    needed = reached(files, foreign) - UNUSED.get(stage, set())
    assert needed
    assert sorted(part for part in needed if not any(f"{part}/".startswith(f"{one}/") for one in declared)) == []


@pytest.mark.parametrize(("stage", "parts"), UNUSED.items())
def test_what_a_stage_is_said_not_to_use_is_there(stage: str, parts: set[str]) -> None:
    assert stage in STAGES
    assert all((PACKAGE / part).exists() for part in parts)
