"""What a measurement was taken on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganbench import __version__

FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_bf16", "avx_vnni", "amx_tile", "amx_bf16")
"""Of a CPU, those that the speed of convolutions hangs on."""
VARIABLES = (
    "MALLOC_MMAP_MAX_",
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_TOP_PAD_",
    "MALLOC_ARENA_MAX",
    "LD_PRELOAD",
    "OMP_NUM_THREADS",
    "GOMP_SPINCOUNT",
    "PYTORCH_ALLOC_CONF",
    "PYTORCH_CUDA_ALLOC_CONF",
)
"""Environment variables that change the allocator or the threads."""


def machine(device: torch.device) -> dict[str, Any]:
    """CPU, GPU, clocks, versions, commit, threads, allocator, and how busy the machine was."""
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in cpu_flags()],
        "cpu_mhz": _cpuinfo("cpu MHz"),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "gpu": _gpu(device),
        "load_before": round(os.getloadavg()[0], 2),
        "threads": torch.get_num_threads(),
        "environment": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "ganbench": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "cuda": torch.version.cuda if device.type == "cuda" else None,
        "system": platform.platform(terse=True),
    }


def cpu_name() -> str:
    """As the system says it."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def cpu_flags() -> frozenset[str]:
    """Of the first core; empty where the system does not say."""
    return frozenset((_cpuinfo("flags") or "").split())


def bf16_pays(device: torch.device) -> bool:
    """On a GPU, and on a CPU with tiles for it; elsewhere bf16 is computed in float32, slowly."""
    return device.type == "cuda" or "amx_bf16" in cpu_flags()


def _cpuinfo(key: str) -> str | None:
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), None)


def _gpu(device: torch.device) -> dict[str, Any] | None:
    if device.type != "cuda":
        return None
    wanted = "clocks.sm,clocks.mem,clocks.max.sm,driver_version"
    index = str(device.index or 0)
    said = _output("nvidia-smi", f"--query-gpu={wanted}", "--format=csv,noheader", "-i", index)
    clocks = dict(zip(wanted.split(","), (said or "").split(", "), strict=False))
    memory = torch.cuda.get_device_properties(device).total_memory
    return {"name": torch.cuda.get_device_name(device), "memory_gb": round(memory / 2**30, 1), **clocks}


def _commit() -> str | None:
    head = _output("git", "rev-parse", "--short=12", "HEAD")
    return f"{head}, with changes" if head and _output("git", "status", "--porcelain", "src") else head


def _output(*command: str) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
