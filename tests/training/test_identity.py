"""What determines the result of a training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML

from ganbench.params import Engine
from ganbench.training import identity

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")


def test_what_the_stage_of_dvc_depends_on_is_part_of_the_code() -> None:
    stages = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    package = "src/ganbench/"
    for dependency in stages["train"]["deps"] + stages["train_translation"]["deps"]:
        if dependency.startswith(package):
            part = dependency.removeprefix(package)
            assert any(part == own or part.startswith(f"{own}/") for own in identity.CODE), part


def test_a_changed_line_of_code_or_another_thread_is_another_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = ("package",)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(identity, "PACKAGE", Path.cwd())
    file = Path("package/sub/net.py")
    file.parent.mkdir(parents=True)
    hashes = set()
    for text in ("a = 1\n", "a = 2\n"):
        file.write_text(text, encoding="utf-8")
        hashes.add(identity.code_hash(parts))
    file.rename("package/net.py")
    hashes.add(identity.code_hash(parts))
    (Path("package") / "notes.txt").write_text("no code", encoding="utf-8")
    hashes.add(identity.code_hash(parts))
    assert len(hashes) == 3
    before = identity.circumstances(Engine(), CPU, parts)
    torch.set_num_threads(2)
    after = identity.circumstances(Engine(checkpoint_seconds=1), CPU, parts)
    assert {name for name in before if before[name] != after[name]} == {"threads"}
