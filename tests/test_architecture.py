"""Imports run one way."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src/ganbench"
LAYERS = [
    {"errors", "warm"},
    {"params", "outputs", "pictures"},
    {"registry", "cell", "statistics"},
    {"across"},
    {"data", "networks", "objectives"},
    {"games"},
    {"training"},
    {"sampling", "translating"},
    {"evaluation"},
    {"tracking", "reporting", "catalogue", "schema", "exploration"},
    {"theory"},
    {"doctor", "scaling"},
    {"search"},
    {"bench"},
    {"cli"},
]
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}


def imported(path: Path) -> set[str]:
    """Parts of ganbench that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ganbench."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("ganbench.")}
    return found


def part(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_imports_from_layers_below_its_own(path: Path) -> None:
    mine = part(path)
    if mine == "__init__":
        return
    for other in imported(path) - {mine}:
        assert RANK[other] < RANK[mine], f"{mine} must not import {other}"


def test_a_short_import_is_short() -> None:
    """What the command line needs to say --help imports nothing heavy."""
    heavy = {"torch", "mlflow", "matplotlib", "sklearn", "pandas", "torchvision"}
    for name in ("cli", "params", "cell", "registry", "errors", "outputs", "warm"):
        tree = ast.parse((SOURCE / f"{name}.py").read_text(encoding="utf-8"))
        top = {alias.name.split(".")[0] for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
        top |= {node.module.split(".")[0] for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
        assert not top & heavy, name
