"""A peer's checkout is looked at before anything of it runs."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from ganbench.bench.checkout import Checkout, import_from
from ganbench.cli import main
from ganbench.errors import BenchError

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def peer(tmp_path: Path) -> Path:
    """A repository with one commit and one package, whose ``__init__.py`` needs a library that nobody has."""
    (tmp_path / "gans").mkdir()
    (tmp_path / "gans/__init__.py").write_text("import no_such_library")
    (tmp_path / "gans/nets.py").write_text("WIDTH = 7")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    return tmp_path


def test_the_whole_commit_is_recorded(peer: Path) -> None:
    commit = git(peer, "rev-parse", "HEAD")
    assert Checkout.open(peer, "--peer", "a/b", commit[:7], ["gans/nets.py"]).commit == commit


def test_another_commit_a_missing_file_a_changed_file_and_no_checkout_are_refused_on_one_line(
    peer: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit = git(peer, "rev-parse", "HEAD")[:7]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.raises(BenchError, match=f"--peer: .*: commit {commit}; expected a/b at commit 0123456$"):
        Checkout.open(peer, "--peer", "a/b", "0123456", [])
    with pytest.raises(BenchError, match=r"gans/gone\.py: no such file"):
        Checkout.open(peer, "--peer", "a/b", commit, ["gans/gone.py"])
    for folder in (elsewhere, elsewhere / "gone"):
        with pytest.raises(BenchError, match=r"not a git checkout; expected one of a/b at commit 0123456$"):
            Checkout.open(folder, "--peer", "a/b", "0123456", [])
    (peer / "gans/nets.py").write_text("WIDTH = 8")
    with pytest.raises(BenchError, match=r"gans/nets\.py was changed"):
        Checkout.open(peer, "--peer", "a/b", commit, ["gans/nets.py"])


def test_a_module_comes_from_the_checkout_without_what_its_package_imports(peer: Path) -> None:
    assert import_from(peer, "gans.nets", hollow=("gans",)).WIDTH == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["peers"], "give --peer-pytorch-gan DIR or --peer-mimicry DIR"),
        (["--peer-pytorch-gan", "/nowhere"], "expected one of eriklindernoren/PyTorch-GAN at commit 36d3c77"),
        (["--peer-mimicry", str(ROOT)], "expected kwotsin/mimicry at commit a7fda06"),
        (["--path", "captured", "--device", "cpu"], "CUDA graphs need a CUDA device"),
        (["paths", "--variant", "gna", "--device", "cpu"], "did you mean 'gan'"),
        (["page", "--out", "/nowhere"], "no results; `ganbench bench` measures them"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_on_one_line(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, ["bench", *arguments])
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1
