"""What determines the bytes of a training's outputs: two trainings of the same identity end with the same bytes."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganbench.params import Engine
from ganbench.training.device import pick_path

PACKAGE = Path(__file__).parents[1]

CODE = (
    "across.py", "data/batches.py", "data/captions.py", "data/translation/domains.py", "data/translation/stream.py",
    "games", "networks", "objectives", "training",
)  # fmt: skip
"""Where the code of a training of images stands in the package; a superset of what its stage depends on."""


def key_of(determines: Mapping[str, Any]) -> str:
    """SHA-256 of plain values, whatever the order of their names."""
    return hashlib.sha256(json.dumps(determines, sort_keys=True).encode()).hexdigest()


def circumstances(engine: Engine, device: torch.device, code: Iterable[str] = CODE) -> dict[str, Any]:
    """What determines a training beside its declaration and its data.

    The number of threads and the instructions of the processor are part of it: sums in another order end in other
    bits. After 8 rounds of any default variant the weights on one thread differ from those on two.

    Args:
        engine: how params.yaml wants it computed.
        device: where.
        code: files and folders of the package.
    """
    return {
        "code": code_hash(code),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "threads": torch.get_num_threads(),
        "path": pick_path(engine.path, device),
        "memory_format": engine.memory_format,
        "processes": engine.processes,
    }


def code_hash(parts: Iterable[str]) -> str:
    """SHA-256 over the names and bytes of Python files: of each part that is one, and below each that is a folder."""
    found = hashlib.sha256()
    for part in sorted(parts):
        path = PACKAGE / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(f"{file.relative_to(PACKAGE).as_posix()}\0{file_hash(file)}\0".encode())
    return found.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
