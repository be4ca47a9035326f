"""A training script is taken apart, and its loop's body runs as it stands."""

from pathlib import Path

import pytest
import torch

from ganbench.bench.script import Script
from ganbench.errors import BenchError

SCRIPT = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=float, default=1.0)
opt = parser.parse_args()
open("here", "w").close()
print(opt)
total = 0.0

for warm_up in range(2):
    total += 0

for epoch in range(3):
    for i, (imgs, _) in enumerate(dataloader):
        batch = imgs * opt.factor
        if i % 2 == 0:
            total += float(batch.sum())
        print(total)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    return path


def test_the_setup_runs_with_its_command_line_in_its_folder_and_the_loop_does_not(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    taken = Script(script, ["--factor", "2"], place)
    assert (place / "here").exists()
    assert taken.names["total"] == 0
    assert capsys.readouterr().out == ""


def test_the_body_sees_the_batches_it_is_given_and_its_own_count(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = Script(script, ["--factor", "2"], tmp_path)
    batches = iter([torch.full((2,), value) for value in (1.0, 10.0, 100.0)])
    taken.play(batches, 1)
    taken.play(batches, 2)
    assert taken.names["total"] == 2 * 2 * (1 + 100)  # every second pass, as the script has it
    assert capsys.readouterr().out == ""


def test_a_script_without_such_a_loop_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("for epoch in range(3):\n    pass\n")
    with pytest.raises(BenchError, match="no loop over epochs and batches"):
        Script(tmp_path / "train.py", [], tmp_path)


def test_a_script_imports_its_neighbours_and_another_its_own(tmp_path: Path) -> None:
    taken = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "models.py").write_text(f"NAME = {name!r}")
        (folder / "train.py").write_text(f"from models import *\n{SCRIPT}")
        taken.append(Script(folder / "train.py", [], folder))
    assert [script.names["NAME"] for script in taken] == ["one", "two"]


def test_the_body_sees_whatever_the_loops_head_names(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(
        "for epoch in range(1):\n    for i, batch in enumerate(dataloader):\n        seen = batch['A'] + i\n"
    )
    taken = Script(path, [], tmp_path)
    taken.play(iter([{"batch": {"A": 10}}, {"batch": {"A": 20}}]), 2)
    assert taken.names["seen"] == 21


def test_its_loader_finds_files_from_its_folder(script: Path, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "place/file").write_text("found")
    taken = Script(script, [], tmp_path / "place")
    batches = (Path(name).read_text() for name in ("file",))
    assert taken.following(batches) == "found"
    assert taken.following(batches) is None
