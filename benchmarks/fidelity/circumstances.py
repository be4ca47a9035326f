"""Where and with what a result was made; every file under benchmarks/results/ that these scripts write says it."""

from __future__ import annotations

import datetime
import os
import subprocess
from importlib.metadata import version
from pathlib import Path

from ganbench.bench.machine import cpu_name


def circumstances(checkout: Path) -> dict[str, str]:
    """CPU, torch, the commit that a checkout stands at, and the day."""
    return {
        "machine": f"{cpu_name()}, {os.cpu_count()} cores",
        "torch": version("torch"),
        "commit": git("-C", str(checkout), "rev-parse", "HEAD"),
        "date": datetime.date.today().isoformat(),
    }


def git(*arguments: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()
