"""Nothing half-written is ever seen."""

from pathlib import Path

import pytest

from ganbench.outputs import fresh_directory, write_json


def test_a_directory_takes_its_place_only_when_all_went_well(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with fresh_directory(target) as folder:
        (folder / "a").write_text("1")
        assert not target.exists()
    with pytest.raises(FileNotFoundError), fresh_directory(target) as folder:
        (folder / "missing" / "b").write_text("2")
    assert [path.name for path in target.iterdir()] == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_json_refuses_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert not any(tmp_path.iterdir())
