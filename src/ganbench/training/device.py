"""Where to compute."""

from __future__ import annotations

import os

import torch

from ganbench.errors import BenchError
from ganbench.params import FILE


def pick_device(name: str) -> torch.device:
    """The device of params.yaml: ``auto`` is CUDA when there, else the CPU.

    Raises:
        BenchError: a CUDA device that is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        there = ", ".join(["auto", "cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))])
        raise BenchError(f"{FILE}: device: {name!r}: this machine has no such device; allowed: {there}")
    return device


def seed_everything(seed: int) -> None:
    """Seed torch's default random state of every device, and ask for deterministic algorithms."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS may sum in another order each time
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
