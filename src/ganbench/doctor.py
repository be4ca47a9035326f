"""What this machine and this checkout have."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganbench.errors import BenchError

PACKAGES = ("torch", "torchvision", "dvc", "mlflow", "pandas", "pydantic")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok     ' if self.well else 'MISSING'} {self.text}"


def examine() -> list[Finding]:
    """Look at Python, packages, devices, DVC, params.yaml and its raw data, the tracking store."""
    return [
        Finding(sys.version_info >= (3, 11), f"Python {platform.python_version()} (3.11 or newer)"),
        *map(_package, PACKAGES),
        _said(_device),
        Finding(Path(".dvc").is_dir(), "DVC repository in this folder (else run from the root of the project)"),
        Finding(shutil.which("git") is not None, "git"),
        _said(_params),
        _said(_raw),
        Finding(True, f"MLflow store: {os.environ.get('MLFLOW_TRACKING_URI', 'sqlite:///mlflow.db at the root')}"),
    ]


def _package(name: str) -> Finding:
    try:
        return Finding(True, f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Finding(False, f"{name}: not installed")


def _said(look: Callable[[], str]) -> Finding:
    try:
        return Finding(True, look())
    except BenchError as error:
        return Finding(False, error.message)


def _device() -> str:
    import torch

    if not torch.cuda.is_available():
        return f"no CUDA device; training runs on the CPU ({os.cpu_count()} cores)"
    return "; ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))


def _params() -> str:
    from ganbench.games.tracks import check_tracks
    from ganbench.params import load

    check_tracks(params := load())
    return f"params.yaml: {len(params.images.variants)} variants × {len(params.seeds)} seeds"


def _raw() -> str:
    from ganbench.data.check import find_source
    from ganbench.params import load

    source, _ = find_source(load())
    return f"raw data: {source['dataset']}, read as {source['reader']}"
