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


def pick_path(name: str, device: torch.device) -> str:
    """How to compute, as params.yaml says: ``auto`` is eager, on every device.

    Captured graphs are the faster choice on CUDA; they are not chosen for the user before their tests have run there.

    Raises:
        BenchError: CUDA graphs on another device.
    """
    if name == "auto":
        return "eager"
    if name == "captured" and device.type != "cuda":
        raise BenchError(f"{FILE}: engine.path: {name!r}: needs a CUDA device; allowed here: auto, eager, compiled")
    return name


def seed_everything(seed: int) -> None:
    """Seed torch's default random state of every device, and ask CUDA for deterministic algorithms.

    Those of a CPU are deterministic as they are; asking there would import the compiler, which takes seconds.
    """
    torch.manual_seed(seed)
    if torch.cuda.is_available():
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # else cuBLAS may sum in another order each time
        torch.use_deterministic_algorithms(True, warn_only=True)
        # each new tensor would cost a kernel
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.benchmark = False
