"""DVC as a command: its command line is stable, its modules are not (`quick_dvc` touches two, and can do without)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ganbench.errors import BenchError

DVC = (sys.executable, "-P", str(Path(__file__).with_name("quick_dvc.py")), "--wait-for-lock")
"""Of this environment, made quick. It waits while another process holds DVC's lock, which it does for moments only."""
INVALID = re.compile(r"'\./(?P<file>[^']+)' is (?P<what>invalid[^.]*)\.")
LINE = ", in line "
"""What DVC says of a file that is no YAML: which, then the text around the place, then what it expected there."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of this process, in which ``python`` is this one, for the commands in dvc.yaml."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, **(extra or {})}


def ask(*arguments: str) -> str:
    """What a DVC command prints.

    Raises:
        BenchError: it fails; with DVC's own words.
    """
    done = subprocess.run([*DVC, *arguments], env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"dvc {' '.join(arguments)}: {explanation(done.stderr or done.stdout)}")
    return done.stdout


def explanation(output: str) -> str:
    """The line of a failed command's output that says why: a message of ours, else DVC's, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for prefix in ("Error: ", "ERROR: "):
        if said := [line for line in lines if line.startswith(prefix)]:
            return said[-1].removeprefix(prefix)
    if (invalid := INVALID.search(output)) and (where := [line for line in lines if LINE in line]):
        return f"{invalid['file']}: {invalid['what']}: {where[-1]}"
    return lines[-1] if lines else "no output"
