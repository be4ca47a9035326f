"""A peer's checkout: the right commit, its files as committed, its modules importable."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ganbench.errors import BenchError


@dataclass(frozen=True)
class Checkout:
    """A repository that was compared with, at the commit that the comparison names."""

    root: Path
    name: str
    commit: str

    @classmethod
    def open(cls, root: Path, option: str, name: str, commit: str, files: Sequence[str]) -> Checkout:
        """Look at a checkout before anything of it runs.

        Args:
            root: its folder.
            option: of the command line, for messages.
            name: owner/name.
            commit: how its hash must begin.
            files: paths in it that will run; they must be as committed.

        Raises:
            BenchError: no checkout, another commit, or files that were changed.
        """
        head = _git(root, "rev-parse", "HEAD") if root.is_dir() else None
        if head is None:
            raise BenchError(f"{option}: {root}: not a git checkout; expected one of {name} at commit {commit}")
        if not head.startswith(commit):
            raise BenchError(f"{option}: {root}: commit {head[:7]}; expected {name} at commit {commit}")
        for file in files:
            if not (root / file).exists():
                raise BenchError(f"{option}: {root / file}: no such file; expected {name} at commit {commit}")
        if changed := _git(root, "status", "--porcelain", "--", *files):
            raise BenchError(f"{option}: {root}: {changed.split()[-1]} was changed; expected it as in commit {commit}")
        return cls(root.resolve(), name, head)


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def import_from(root: Path, module: str, hollow: Sequence[str]) -> ModuleType:
    """Import a module of a checkout.

    Args:
        root: what ``sys.path`` would name.
        module: dotted.
        hollow: packages whose ``__init__.py`` must not run: it imports libraries that are not here.
    """
    for package in hollow:
        if package not in sys.modules:
            sys.modules[package] = made = ModuleType(package)
            made.__path__ = [str(root / package.replace(".", "/"))]
    return importlib.import_module(module)
