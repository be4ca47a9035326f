"""Ctrl-C and SIGTERM during a training."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from scratches import TENSORS, scratch

from ganbench.training.interruption import Stopped

pytestmark = pytest.mark.usefixtures("project")


@contextmanager
def no_handlers_left() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_obeyed_when_all_is_saved(number: int, code: int, capfd: pytest.CaptureFixture[str]) -> None:
    def train() -> None:
        with scratch() as mine:
            assert not mine.due()
            os.kill(os.getpid(), number)
            assert mine.due()
            mine.save(TENSORS, {}, 0.5)

    with no_handlers_left(), pytest.raises(Stopped) as stopped:
        train()
    assert stopped.value.code == code
    with scratch() as again:
        assert again.load() is not None
    first, last = capfd.readouterr().err.strip().splitlines()
    assert first == "images/gan/0: saves and stops after this round; again, and it stops at once"
    assert last == "images/gan/0: stopped with 50.0% done; the same command goes on from there"


def test_a_second_signal_is_obeyed_at_once() -> None:
    def train() -> None:
        with scratch():
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)

    with no_handlers_left(), pytest.raises(KeyboardInterrupt):
        train()


def test_a_finished_training_is_not_stopped() -> None:
    with no_handlers_left(), scratch() as mine:
        os.kill(os.getpid(), signal.SIGTERM)
        mine.save(TENSORS, {}, 1)
