"""Keeps the server of ``ganbench.warm`` beside the jobs."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ganbench.errors import BenchError
from ganbench.scaling.dvc import environment
from ganbench.warm import DOOR, mark

SERVER = Path(__file__).with_name("warm_server.py")
LOG = Path(".scratch/repro/warm.log")
MODULES = (
    "torch", "numpy", "pandas", "scipy.linalg", "scipy.optimize", "scipy.stats", "sklearn.neighbors",
    "sklearn.linear_model", "ot", "PIL.Image", "matplotlib.figure", "matplotlib.backends.backend_agg",
    "safetensors.torch", "pydantic", "ruamel.yaml", "click", "tqdm", "mlflow.store.tracking.sqlalchemy_store",
)  # fmt: skip
"""What takes the stages long to load."""


@contextmanager
def warm(extra: Mapping[str, str], modules: Sequence[str] = MODULES) -> Iterator[dict[str, str]]:
    """A context in which programs can start warm; what their environment needs for it, nothing where it can't be.

    Only Linux lets a process that has loaded such libraries be copied, and kills the copies with it.

    Args:
        extra: what the environment of those programs has beside this one's, as far as libraries read it when loaded.
        modules: are loaded.

    Raises:
        BenchError: there can be no socket in the folder for temporary files.
    """
    if sys.platform != "linux":
        yield {}
        return
    theirs = environment(extra)
    with tempfile.TemporaryDirectory(prefix="ganbench-") as folder:
        door = f"{folder}/door"
        server = _start(door, theirs, modules)
        try:
            yield {DOOR: f"{mark(theirs)}:{door}"}
        finally:
            server.kill()  # what still runs there is killed with it
            server.wait()
            assert server.stdin
            server.stdin.close()


def _start(door: str, theirs: dict[str, str], modules: Sequence[str]) -> subprocess.Popen[bytes]:
    """Who asks before it is ready waits at the door, which is the server's alone: it closes when that ends."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener, LOG.open("wb") as log:
        try:
            listener.bind(door)
        except OSError as error:
            raise BenchError(f"TMPDIR: {door}: {error}; allowed: a folder with a short path") from None
        listener.listen(128)
        return subprocess.Popen(
            # -P: nothing is imported from the folder of the script
            [sys.executable, "-P", str(SERVER), str(listener.fileno()), *modules],
            env=theirs,
            stdin=subprocess.PIPE,  # ends with this process, and then the server does
            stdout=log,
            stderr=log,
            pass_fds=(listener.fileno(),),
            start_new_session=True,
        )
