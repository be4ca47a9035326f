"""The command `ganbench`, as its users type it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ganbench.cell import Cell
from ganbench.cli import main
from ganbench.objectives.objective import OBJECTIVES
from ganbench.params import load
from ganbench.pictures import grid
from ganbench.training.run import train_cell

ROOT = Path(__file__).parents[1]


class Nobody:
    """A watcher that does not look."""

    def losses(self, reading: object) -> None: ...

    def picture(self, images: int, path: Path) -> None: ...


def ganbench(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    return ROOT


@pytest.mark.usefixtures("root")
def test_variants_lists_what_is_declared_and_what_could_be() -> None:
    output = ganbench("variants").output
    assert "wgan_gp dcgan(width=32), wasserstein, gradient_penalty(10.0)" in " ".join(output.split())
    for name in OBJECTIVES.entries():
        assert f"  {name}(" in output
    assert "  stacked_mnist(" in output.partition("dataset of images:")[2].partition("dataset of points:")[0]


@pytest.mark.usefixtures("root")
def test_doctor_finds_this_checkout_well() -> None:
    result = ganbench("doctor")
    assert result.exit_code == 0, result.output
    assert "MISSING" not in result.output
    assert f"{len(load(ROOT / 'params.yaml').images.variants)} variants × 1 seeds" in result.output


def test_doctor_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = ganbench("doctor")
    assert result.exit_code == 1
    assert "MISSING DVC repository" in result.output
    assert "MISSING params.yaml: no such file" in result.output


@pytest.mark.usefixtures("root")
def test_the_schema_can_be_checked() -> None:
    assert ganbench("schema", "--check").exit_code == 0


def test_an_old_schema_is_refused_and_a_new_one_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.schema.json").write_text("{}")
    assert "run `ganbench schema`" in ganbench("schema", "--check").output
    assert ganbench("schema").exit_code == 0
    assert ganbench("schema", "--check").exit_code == 0


def test_sample_draws_a_grid_from_a_trained_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_store: Path
) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("budget_kimg: 80", "budget_kimg: 0.64"), encoding="utf-8")
    train_cell(Cell("images", "gan", 0), load(), Nobody())
    out = tmp_path / "x.png"
    pictures = []
    for arguments in ([], [], ["--seed", "1"], ["--raw"]):
        result = ganbench(
            "sample", "--cell", "images/gan/0", "--count", "9", "--columns", "3", "--out", str(out), *arguments
        )
        assert result.exit_code == 0, result.output
        pictures.append(out.read_bytes())
    assert pictures[0] == pictures[1]
    assert len(set(pictures)) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cell", "images/gan", "--out", "x.png"], "expected track/variant/seed"),
        (["--cell", "images/gna/0", "--out", "x.png"], "did you mean 'gan'"),
        (["--cell", "images/gan/0", "--out", "x.jpg"], "expected a .png file"),
        (["--cell", "images/gan/0", "--out", "no/such/folder/x.png"], "in a folder that exists"),
        (["--cell", "images/gan/9", "--out", "x.png"], "no such file"),
        (["--cell", "images/gan/0", "--count", "0", "--out", "x.png"], "0 is not in the range"),
    ],
)
def test_sample_refuses_on_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    result = ganbench("sample", *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.glob("x.*"))


def test_a_grid_puts_images_row_by_row() -> None:
    import numpy as np

    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1).repeat(2, 1).repeat(2, 2)
    sheet = np.asarray(grid(images, columns=3, pad=1))
    assert sheet.shape == (7, 10)
    assert [sheet[1, 1], sheet[1, 4], sheet[1, 7], sheet[4, 1], sheet[4, 4]] == [0, 1, 2, 3, 4]
    assert sheet[0, 0] == sheet[5, 8] == 255
