"""Ctrl-C and SIGTERM: first a wish to stop where nothing is lost, then an order."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(SystemExit):
    """A training left because it was asked to; its state is saved. The exit code is the shell's for that signal."""


class Interruption:
    """A context in which the first signal is noted, and a second of the same kind acts as it always does.

    Args:
        name: of what would be stopped, for the message.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None] = {}
        self.asked: int | None = None
        """The signal that came, if one did."""

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():  # no other may
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        signal.signal(number, self._before[signal.Signals(number)])
        if self.asked:  # a launcher may pass Ctrl-C on to who has had it from the terminal
            return
        self.asked = number
        # not through Python's buffers, which a signal may find in the middle of a line
        os.write(2, f"\n{self._name}: saves and stops after this round; again, and it stops at once\n".encode())
