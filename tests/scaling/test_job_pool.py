"""The pool, with a command in DVC's place."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from ganbench.scaling import pool
from ganbench.scaling.devices import Place
from ganbench.scaling.pool import Outcome, Pool, Task, log_of
from ganbench.scaling.progress import Lines

STAND_IN = """
import os, subprocess, sys, time
word, task = sys.argv[1:]
assert word == "repro"
print(f"Running stage '{task}':", flush=True)
sys.stderr.write("\\r  0%|    |\\r 50%|##  |\\r100%|####|\\n")
sys.stderr.flush()
if task == "broken":
    print("Error: params.yaml: it is wrong", file=sys.stderr)
    sys.exit("ERROR: failed to reproduce 'broken'")
if task == "long":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(f"PID {child.pid}", flush=True)
    time.sleep(600)
print("on", os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
"""


@pytest.fixture(autouse=True)
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setattr(pool, "DVC", (sys.executable, str(script)))
    monkeypatch.chdir(tmp_path)


def run(*names: str, places: int = 2, file: Path = Path("shown")) -> dict[str, Outcome]:
    where = [Place(number, {"CUDA_VISIBLE_DEVICES": str(number)}) for number in range(places)]
    with file.open("w", encoding="utf-8") as shown:
        outcomes = Pool(where, Lines(len(names), shown)).run([Task(name, (name,)) for name in names])
    return {outcome.task.name: outcome for outcome in outcomes}


def test_a_task_that_fails_does_not_stop_the_others_and_says_why() -> None:
    outcomes = run("a", "broken", "b", "c")
    assert {name for name, outcome in outcomes.items() if outcome.failure is None} == {"a", "b", "c"}
    assert outcomes["broken"].failure == "params.yaml: it is wrong"
    assert outcomes["a"].ran == ["a"]


def test_each_place_has_its_device_and_the_output_is_kept_without_what_a_bar_overwrote() -> None:
    run("a", places=1)
    assert log_of(Task("a", ())).read_text(encoding="utf-8") == "Running stage 'a':\n100%|####|\non 0\n"


def test_progress_can_be_read_without_a_terminal() -> None:
    run("a", "broken", places=1)
    shown = Path("shown").read_text(encoding="utf-8").splitlines()
    assert shown[:2] == ["GPU 0: a", "[1/2] a: ran a, 0 s"]
    assert shown[3].startswith("[2/2] broken failed: params.yaml: it is wrong; its output: .scratch/repro/broken.log")


def test_an_interruption_ends_everything_that_was_started() -> None:
    shown = Path("shown")
    shown.touch()
    sent = threading.Thread(target=_interrupt_when_two_run, args=(shown,))
    sent.start()
    with pytest.raises(KeyboardInterrupt):
        run("long", "long", "long", file=shown)
    sent.join()
    children = re.findall(r"PID (\d+)", "".join(path.read_text(encoding="utf-8") for path in pool.LOGS.iterdir()))
    assert children
    assert not [pid for pid in children if _lives(int(pid))]


def _interrupt_when_two_run(shown: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len(shown.read_text(encoding="utf-8").splitlines()) < 2:
        time.sleep(0.05)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
