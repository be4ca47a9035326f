"""Standard datasets from their publishers, through torchvision."""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

from ganbench.data.files import one_line, walk
from ganbench.errors import BenchError


def download(name: str, root: Path) -> None:
    """Download a dataset and keep its files as they were published, packed, directly under `root`.

    Args:
        name: a class of ``torchvision.datasets``.
        root: a folder that is not there yet.

    Raises:
        BenchError: no network, or not the files whose checksums torchvision knows.
    """
    from torchvision import datasets

    parts = root / "parts"
    parts.mkdir(parents=True)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            getattr(datasets, name)(parts, download=True)
    except (OSError, RuntimeError) as error:
        raise BenchError(f"torchvision could not download {name}: {one_line(error)}") from None
    for file in list(walk(parts)):
        if file.endswith(".gz"):
            (parts / file).rename(root / Path(file).name)
    shutil.rmtree(parts)
