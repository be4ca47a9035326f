"""Several trials at a time, in processes of their own."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from ganbench.cli import main
from ganbench.errors import BenchError
from ganbench.scaling.devices import THREADS, Place
from ganbench.search import cli, jobs
from ganbench.search.jobs import run_jobs
from ganbench.training.interruption import Stopped

PLACES = [Place(number, {THREADS: str(number + 1)}) for number in range(2)]


def job(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import os, sys, time; from pathlib import Path; {text}")


def test_each_process_gets_the_arguments_and_the_environment_of_its_place(tmp_path: Path) -> None:
    run_jobs([str(tmp_path)], PLACES, tmp_path / "logs", job(f"Path(sys.argv[1], os.environ['{THREADS}']).touch()"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "2", "logs"]


def test_a_process_that_fails_is_told_of_when_all_have_ended(tmp_path: Path) -> None:
    text = f"os.environ['{THREADS}'] == '2' or sys.exit('Error: the reason')"
    text += "; time.sleep(0.3); Path(sys.argv[1], 'done').touch()"
    with pytest.raises(BenchError, match=r"job-0\.log: exit status 1: Error: the reason$"):
        run_jobs([str(tmp_path)], PLACES, tmp_path / "logs", job(text))
    assert (tmp_path / "done").exists()


def test_a_signal_is_passed_on_and_every_process_is_waited_for(tmp_path: Path) -> None:
    text = "import signal; signal.signal(15, lambda *_: (Path(sys.argv[1], str(os.getpid())).touch(), sys.exit(143))); "
    text += "Path(sys.argv[1], f'up{os.getpid()}').touch(); time.sleep(60)"

    def interrupt() -> None:
        while len(list(tmp_path.glob("up*"))) < len(PLACES):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Stopped) as stopped:
        run_jobs([str(tmp_path)], PLACES, tmp_path / "logs", job(text))
    thread.join()
    assert stopped.value.code == 128 + signal.SIGTERM
    assert len(list(tmp_path.glob("[0-9]*"))) == len(PLACES)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_command_gives_each_process_the_same_search(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    class EnoughError(Exception):
        pass

    def started(arguments: list[str], places: list[Place], logs: Path) -> None:
        given.append((arguments, len(places), logs.parts[-3:]))
        raise EnoughError

    monkeypatch.chdir(Path(__file__).parents[2])
    monkeypatch.setattr("ganbench.search.search.check_ready", lambda track: None)
    monkeypatch.setattr("ganbench.search.search._measured", lambda *_: {"w1_ring_2500": 0.04})
    monkeypatch.setattr(jobs, "run_jobs", started)
    options = ["points/gan", "--trials", "4", "--sampler", "random", "--budget", "32", "--seed", "0"]
    result = CliRunner().invoke(main, ["search", *options, "--jobs", "3"])
    assert isinstance(result.exception, EnoughError), result.output
    ((arguments, count, logs),) = given
    assert (count, logs) == (3, ("search", "points", "gan"))
    assert "--jobs" not in arguments
    parsed = cli.search.make_context("search", list(arguments)).params
    again = cli.search.make_context("search", list(options)).params
    assert parsed == again


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("points/wgan", "unknown variant 'wgan'"),
        ("points/fgan_kl", "points.search.fgan_kl: no ranges"),
        ("dots/gan", "unknown track 'dots'"),
        ("gan", "'gan' is not a variant"),
    ],
)
def test_what_cannot_be_searched_is_refused_once_before_any_process_starts(
    target: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    result = CliRunner().invoke(main, ["search", target, "--jobs", "2"])
    assert result.exit_code != 0
    (line,) = result.output.strip().splitlines()
    assert said in line
