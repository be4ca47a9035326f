"""A warm start does what a cold one does, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganbench import warm as client
from ganbench.errors import BenchError
from ganbench.scaling import warm as keeper
from ganbench.scaling.warm import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no warm start elsewhere")

ROOT = Path(__file__).parents[2]
LIGHT = ("fractions",)
"""Loaded by the server here; no script asks for it."""
BEFORE = f"""
import sys
path = [*sys.path]
sys.path.insert(0, {str(ROOT / "src")!r})
from ganbench.warm import enter
enter(path)
import os, signal, time
warm = "fractions" in sys.modules
"""
ALL = """
import json
print(json.dumps({
    "warm": warm, "argv": sys.argv, "folder": os.getcwd(), "path": sys.path, "read": sys.stdin.read(), "file": __file__,
    "name": __name__, "environment": dict(os.environ), "encoding": sys.stdout.encoding, "terminal": sys.stdout.isatty(),
}))
print("to stderr", file=sys.stderr)
sys.exit(7)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def door() -> Iterator[dict[str, str]]:
    with warm({}, LIGHT) as door:
        yield door


def command(body: str, *arguments: str) -> list[str]:
    folder = Path("scripts")
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(BEFORE + body, encoding="utf-8")
    return [sys.executable, "scripts/script.py", *arguments]


def run(door: dict[str, str], body: str, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **door, **more.pop("env", {})}
    return subprocess.run(
        command(body, *arguments), env=environment, text=True, capture_output=True, timeout=30, check=False, **more
    )


def start(door: dict[str, str], body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(command(body), env={**os.environ, **door}, stdout=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def ended(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


LONG = "print(os.getpid(), flush=True); time.sleep(600)"


def test_a_program_sees_and_says_what_it_does_when_started_cold(door: dict[str, str]) -> None:
    warmly = run(door, ALL, "a", "b c", input="stdin", env={"MINE": "ü"})
    coldly = run({}, ALL, "a", "b c", input="stdin", env={"MINE": "ü"})
    assert (warmly.returncode, warmly.stderr) == (coldly.returncode, coldly.stderr) == (7, "to stderr\n")
    seen, usual = json.loads(warmly.stdout), json.loads(coldly.stdout)
    assert (seen.pop("warm"), usual.pop("warm")) == (True, False)
    assert seen["environment"].pop(client.INSIDE)
    assert seen["environment"].pop(client.DOOR)
    assert seen == usual


def test_a_module_runs_as_with_python_m(door: dict[str, str]) -> None:
    Path("told.py").write_text(
        "import sys; print('fractions' in sys.modules, *sys.argv[1:], __name__)", encoding="utf-8"
    )
    asked = [sys.executable, "-m", "ganbench.warm", "told", "a"]
    for environment, warm_ in ((door, "True"), ({}, "False")):
        done = subprocess.run(asked, env={**os.environ, **environment}, text=True, capture_output=True, check=True)
        assert done.stdout.split() == [warm_, "a", "__main__"]


def test_an_error_is_told_as_ever(door: dict[str, str]) -> None:
    body = "def fail():\n    raise ValueError('no')\nfail()"
    warmly, coldly = run(door, body), run({}, body)
    assert warmly.returncode == coldly.returncode == 1
    assert warmly.stderr == coldly.stderr
    assert "ValueError: no" in warmly.stderr


def test_a_death_by_a_signal_is_passed_on(door: dict[str, str]) -> None:
    assert run(door, "os.kill(os.getpid(), signal.SIGKILL)").returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_program_which_decides(door: dict[str, str], number: signal.Signals) -> None:
    body = """
def end(number, frame):
    print("saved", number, flush=True)
    sys.exit(3)
signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)
print(os.getpid(), flush=True)
time.sleep(600)
"""
    process = start(door, body)
    first_line(process)
    process.send_signal(number)
    assert first_line(process) == f"saved {number.value}"
    assert process.wait(10) == 3


def test_a_program_without_a_handler_ends_by_the_signal(door: dict[str, str]) -> None:
    process = start(door, LONG)
    first_line(process)
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM


def test_a_program_ends_with_whoever_waits_for_it_and_takes_its_own_along(door: dict[str, str]) -> None:
    body = "import subprocess; print(os.getpid(), subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    process = start(door, body)
    pids = [int(word) for word in first_line(process).split()]
    process.kill()
    assert all(ended(pid) for pid in pids)
    process.wait()


def test_with_the_server_all_end_and_say_so() -> None:
    with warm({}, LIGHT) as door:
        process = start(door, LONG)
        pid = int(first_line(process))
        server = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
        os.kill(server, signal.SIGKILL)
        assert ended(pid)
        assert process.wait(10) == 1
        late = run(door, ALL)
        assert (late.returncode, late.stdout) == (1, "")
        assert late.stderr == "Error: the server of the warm start has ended; .scratch/repro/warm.log may say why\n"


def test_nothing_outlives_the_context() -> None:
    with warm({}, LIGHT) as door:
        process = start(door, LONG)
        pid = int(first_line(process))
    assert ended(pid)
    assert process.wait(10) == 1


def test_the_server_ends_with_whoever_started_it_and_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(Path.cwd()))
    body = f"""
from ganbench.scaling.warm import warm
import subprocess
with warm({{}}, {LIGHT!r}) as door:
    subprocess.run([sys.executable, "scripts/long.py"], env={{**os.environ, **door}})
"""
    process = start({}, body)
    long = "print(os.getpid(), os.getppid(), flush=True); time.sleep(600)"
    Path("scripts/long.py").write_text(BEFORE + long, encoding="utf-8")
    program, server = (int(word) for word in first_line(process).split())
    process.kill()
    process.wait()
    assert ended(server)
    assert ended(program)
    assert not [*Path.cwd().glob("ganbench-*")]


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "GOMP_SPINCOUNT", "MALLOC_MMAP_MAX_", "RANK"])
def test_what_libraries_would_read_otherwise_starts_a_program_cold(door: dict[str, str], name: str) -> None:
    body = "print(warm)"
    assert run(door, body).stdout == "True\n"
    assert run(door, body, env={name: "7"}).stdout == "False\n"


def test_python_with_options_starts_cold(door: dict[str, str]) -> None:
    python, *rest = command("print(warm)")
    options = [python, "-O", *rest]
    done = subprocess.run(options, env={**os.environ, **door}, text=True, capture_output=True, check=True)
    assert done.stdout == "False\n"


def test_an_edit_takes_effect(door: dict[str, str]) -> None:
    Path("scripts").mkdir()
    for text in ("before", "after, which is longer"):
        Path("scripts/helper.py").write_text(f"TEXT = {text!r}", encoding="utf-8")
        assert run(door, "import helper; print(helper.TEXT)").stdout == f"{text}\n"


def test_nothing_of_ganbench_is_loaded_before_the_program_is(door: dict[str, str]) -> None:
    told = (
        "import sys; print('fractions' in sys.modules, [name for name in sys.modules if name.startswith('ganbench')])"
    )
    Path("told.py").write_text(told, encoding="utf-8")
    asked = [sys.executable, "-m", "ganbench.warm", "told"]
    done = subprocess.run(asked, env={**os.environ, **door}, text=True, capture_output=True, check=True)
    assert done.stdout == "True []\n"


def test_a_module_that_cannot_be_loaded_is_an_error_in_one_line() -> None:
    with warm({}, ("no_such_module",)) as door:
        assert run(door, ALL).stderr.startswith("Error: the server of the warm start has ended; ")
    assert "no_such_module" in keeper.LOG.read_text(encoding="utf-8")


def test_a_folder_that_can_hold_no_socket_is_an_error_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Path("x" * 120).absolute()
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(BenchError, match=r"^TMPDIR: .*x/ganbench-.*; allowed: a folder with a short path$"), warm({}):
        pass


def test_a_training_has_the_same_bytes() -> None:
    body = """
import torch
torch.manual_seed(0)
layers = torch.nn.Sequential(torch.nn.Conv2d(3, 32, 3), torch.nn.BatchNorm2d(32), torch.nn.ReLU(), torch.nn.Flatten(),
                             torch.nn.Linear(32 * 900, 64), torch.nn.Linear(64, 1))
for _ in range(3):
    loss = layers(torch.randn(64, 3, 32, 32)).square().mean()
    for weight, gradient in zip(layers.parameters(), torch.autograd.grad(loss, layers.parameters())):
        weight.data -= 0.01 * gradient
import hashlib
hashes = [hashlib.sha256(weight.detach().numpy().tobytes()).hexdigest() for weight in layers.parameters()]
print(torch.get_num_threads(), len(os.listdir("/proc/self/task")) > 1, *hashes)
print("was loaded" if warm else "loads", file=sys.stderr)
"""
    threads = {"OMP_NUM_THREADS": "2"}
    with warm(threads, ("fractions", "torch", "pandas", "scipy.linalg")) as door:
        warmly = run(door, body, env=threads)
    coldly = run({}, body, env=threads)
    assert (warmly.stderr, coldly.stderr) == ("was loaded\n", "loads\n")
    assert warmly.stdout == coldly.stdout
    assert warmly.stdout.startswith("2 True ")
