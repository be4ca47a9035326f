"""Running a command for its time and its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganbench.errors import BenchError


@dataclass(frozen=True)
class Ran:
    """A command that ended well."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    """Of its largest process."""

    output: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command and wait for it.

    Raises:
        BenchError: it failed; with the last line that it said.
    """
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=os.environ | dict(environment or {})
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode:
        said = (text.strip() or "nothing").splitlines()[-1]
        raise BenchError(f"{' '.join(command)[:200]}: exit status {child.returncode}: {said}")
    return Ran(
        seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), text
    )


def limited(threads: int) -> dict[str, str]:
    """The environment in which torch's and NumPy's libraries use so many threads."""
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))


def measure(kind: str, spec: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> dict[str, float]:
    """A measurement of ``ganbench.bench.child`` in a process of its own, in this folder."""
    ran = run([sys.executable, "-m", "ganbench.bench.child", kind, json.dumps(spec)], Path.cwd(), environment)
    found: dict[str, float] = json.loads(ran.output.strip().splitlines()[-1])
    return found
