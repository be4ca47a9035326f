"""A warm start: a program runs in a copy of a process that has loaded torch and MLflow already.

``ganbench repro`` keeps that process (``ganbench.scaling.warm``). A program that it starts, directly or through DVC,
comes to its door before it imports anything heavy, hands over its arguments, folder, environment and standard streams,
and waits; it ends as the copy ends. Without a door, or with an environment that libraries would have read otherwise,
it goes on by itself. ``python -m ganbench.warm MODULE`` is ``python -m MODULE`` that asks at the door first.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

DOOR = "GANBENCH_WARM"
"""The variable that names the door: the mark of the server's environment, and the path of its socket."""
INSIDE = "GANBENCH_WARM_PROCESS"
"""The variable with the id of a process that came through: it must not ask again, what it starts may."""
READ_WHEN_LOADED = (
    "OMP_", "GOMP_", "KMP_AFFINITY", "KMP_BLOCKTIME", "MKL_", "OPENBLAS_", "BLIS_", "NUMEXPR_", "DNNL_", "ONEDNN_",
    "ATEN_", "TORCH", "PYTORCH_", "NPY_", "NUMPY_", "ARROW_", "MPL", "MLFLOW_", "MALLOC_", "GLIBC_", "LD_",
    "LANG", "LC_", "TZ", "PYTHON", "RANK",
)  # fmt: skip
"""How variables begin that matter when a library is loaded, or that make a process one of several of one training."""
TRAVELS = {"PYTHONPATH"}
"""Begins so, but is handed over: as ``sys.path``."""


def mark(environment: Mapping[str, str]) -> str:
    """The same for two environments in which the same libraries would be loaded in the same way."""
    read = [(name, text) for name, text in sorted(environment.items()) if name.startswith(READ_WHEN_LOADED)]
    known = [sys.prefix, [pair for pair in read if pair[0] not in TRAVELS]]
    return hashlib.sha256(json.dumps(known).encode("ascii")).hexdigest()[:16]


def enter(path: Sequence[str], module: str | None = None) -> None:
    """Run this program in a warm process and end as it does; return if there is none for it.

    Args:
        path: ``sys.path`` as the interpreter made it.
        module: runs in place of the script.

    Raises:
        SystemExit: the program has run, or the server has ended.
    """
    known, _, door = os.environ.get(DOOR, "").partition(":")
    if not door or os.environ.get(INSIDE) == str(os.getpid()) or known != mark(os.environ):
        return
    if module is None and sys.orig_argv[1:] != sys.argv:  # not a script, or python has options of its own
        return
    code = _ask(door, _request(path, module))
    if code is None:
        raise SystemExit("Error: the server of the warm start has ended; .scratch/repro/warm.log may say why")
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    raise SystemExit(code)


def _request(path: Sequence[str], module: str | None) -> dict[str, Any]:
    return {
        "script": sys.modules["__main__"].__file__,
        "module": module,
        "arguments": sys.argv,
        "path": list(path),
        "folder": os.getcwd(),  # noqa: PTH109
        "environment": dict(os.environ),
    }


def _ask(door: str, request: dict[str, Any]) -> int | None:
    """The exit code, negative for a signal; None if the server ended before."""
    with socket.socket(socket.AF_UNIX) as connection, os.fdopen(os.memfd_create("request"), "wb") as file:
        file.write(json.dumps(request).encode("ascii"))
        file.flush()
        try:
            connection.connect(door)
            socket.send_fds(connection, [b"?"], [0, 1, 2, file.fileno()])
            if not connection.recv(1):
                return None
            _pass_signals_on(connection)
            answer = connection.recv(16)
        except (ConnectionError, FileNotFoundError):
            return None
    return int(answer) if answer else None


def _pass_signals_on(connection: socket.socket) -> None:
    """From here on, signals go to the copy, which decides what becomes of them."""

    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        connection.send(bytes([number]))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)


if __name__ == "__main__":
    del sys.argv[0]
    enter(sys.path, sys.argv[0])
    import runpy

    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
