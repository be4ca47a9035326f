"""The process at the door of ``ganbench.warm``: it has libraries loaded and becomes, in a copy of itself, any program.

``ganbench.scaling.warm`` starts this file as a script. It imports nothing of ganbench, whose code may be edited before
a stage runs, and computes nothing, so that it has no thread that a copy would miss.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

PR_SET_PDEATHSIG = 1
INSIDE = "GANBENCH_WARM_PROCESS"
"""As in ``ganbench.warm``."""
OURS = {__file__, runpy.__file__, "<frozen runpy>"}
"""Whose frames stand before a program's own in a traceback."""


class Server:
    """Forks a process for each connection.

    A client sends its streams and its request in the first message. Any later byte is a signal for the process group of
    its copy, and its end is the end of that group. It gets a byte when the copy runs, and its exit code at the end.

    Args:
        listener: the door.
        lifeline: a pipe that ends with whoever started this process.
    """

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        self._listener = listener
        self._lifeline = lifeline
        self._ended, noted = os.pipe()
        os.set_blocking(noted, False)
        signal.set_wakeup_fd(noted)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._noted = noted
        self._waiting = selectors.PollSelector()  # has no state that a copy would share
        for file in (listener, lifeline, self._ended):
            self._waiting.register(file, selectors.EVENT_READ)
        self._clients: dict[socket.socket, int | None] = {}
        """And the process of each, once it is there."""

    def serve(self) -> list[int] | None:
        """Return None at the end, and in each new process the descriptors that its client sent."""
        while True:
            for key, _ in self._waiting.select():
                if key.fileobj == self._lifeline:
                    self._end_all()
                    return None
                if key.fileobj == self._ended:
                    os.read(self._ended, 4096)
                    self._report()
                elif key.fileobj == self._listener:
                    client, _ = self._listener.accept()
                    self._clients[client] = None
                    self._waiting.register(client, selectors.EVENT_READ)
                elif key.fileobj in self._clients and (streams := self._hear(key.fileobj)):
                    return streams

    def _hear(self, client: Any) -> list[int] | None:
        process = self._clients[client]
        try:
            said, streams, _, _ = socket.recv_fds(client, 1, 4)
        except ConnectionResetError:
            said, streams = b"", []
        if said and process is None:
            return self._start(client, streams)
        if process is not None:
            _signal(process, said[0] if said else signal.SIGKILL)
        if not said:
            self._forget(client)
        return None

    def _start(self, client: socket.socket, streams: list[int]) -> list[int] | None:
        """The streams, in the new process."""
        server = os.getpid()
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            self._leave()
            _die_with(server)
            return streams
        os.setpgid(process, process)  # here as well: a signal that comes at once finds the group
        self._clients[client] = process
        for stream in streams:
            os.close(stream)
        _tell(client, b"!")
        return None

    def _leave(self) -> None:
        """In a new process: nothing of the server's stays open, and signals do what they do in any program."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._listener.close()
        for client in self._clients:
            client.close()
        for file in (self._lifeline, self._ended, self._noted):
            os.close(file)

    def _report(self) -> None:
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            for client in [client for client, its in self._clients.items() if its == process]:
                _tell(client, str(os.waitstatus_to_exitcode(status)).encode("ascii"))
                self._forget(client)

    def _forget(self, client: socket.socket) -> None:
        del self._clients[client]
        self._waiting.unregister(client)
        client.close()

    def _end_all(self) -> None:
        for process in self._clients.values():
            if process is not None:
                _signal(process, signal.SIGKILL)
        door = Path(self._listener.getsockname())  # whoever made it was killed
        door.unlink()
        door.parent.rmdir()


def _tell(client: socket.socket, said: bytes) -> None:
    try:
        client.sendall(said)
    except (BrokenPipeError, ConnectionResetError):
        return  # its end will be read


def _signal(process: int, number: int) -> None:
    try:
        os.killpg(process, number)
    except ProcessLookupError:
        return


def _die_with(server: int) -> None:
    """Be killed when the server is."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != server:
        os._exit(1)


def become(streams: list[int]) -> dict[str, Any]:
    """Take over all that a client handed over: its three streams, and a file with its request."""
    with os.fdopen(streams.pop(), "rb") as file:
        file.seek(0)
        request: dict[str, Any] = json.load(file)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())  # type: ignore[union-attr]
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"], **{INSIDE: str(os.getpid())})
    sys.path[:] = request["path"]
    sys.argv[:] = request["arguments"]
    sys.orig_argv[:] = [sys.executable, *request["arguments"]]
    sys.excepthook = _without_our_frames
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # each process has a state of its own, as random's
    return request


def run(request: dict[str, Any]) -> None:
    """Run the program as ``__main__``; what it raises ends this process as it would end any."""
    if request["module"] is not None:
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        return
    script = request["script"]
    main = ModuleType("__main__")
    main.__file__ = script
    sys.modules["__main__"] = main
    exec(compile(Path(script).read_bytes(), script, "exec"), vars(main))


def _without_our_frames(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    while trace and trace.tb_frame.f_code.co_filename in OURS:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def main() -> None:
    """Arguments: the socket's descriptor, and the modules to load; stdin ends with whoever started this process."""
    listener, *modules = sys.argv[1:]
    for name in modules:
        importlib.import_module(name)
    if threading.active_count() > 1:
        raise SystemExit(f"a thread runs after the import of {', '.join(modules)}; a copy would miss it")
    gc.collect()
    gc.freeze()  # what is loaded stays: a copy need not look through it
    streams = Server(socket.socket(fileno=int(listener)), os.dup(0)).serve()
    if streams:
        run(become(streams))


if __name__ == "__main__":
    main()
