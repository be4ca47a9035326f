"""docs/add-a-variant.md, followed word by word in a copy of the project."""

from __future__ import annotations

import re

import pytest
from project import ROOT, Project, new_project
from ruamel.yaml import YAML

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("add_a_variant")]

BLOCK = re.compile(r"```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
FILE = re.compile(r"Write `(?P<path>[^`]+)`:\s*$")
VARIANTS = re.compile(r"Add to `images.variants` in `params.yaml`:\s*$")


class Reader:
    """Does what the page says."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.output = ""
        self.done: list[str] = []

    def follow(self, page: str) -> None:
        """Every block, in order, by what its last line of introduction says."""
        end = 0
        for block in BLOCK.finditer(page):
            before, end = page[end : block.start()], block.end()
            getattr(self, block["kind"])(block["text"], before)
            self.done.append(block["kind"])

    def python(self, text: str, before: str) -> None:
        """A file to write."""
        found = FILE.search(before)
        assert found, f"where does this go?\n{text}"
        path = self.project.root / found["path"]
        assert not path.exists(), f"the page takes {path} for new"
        path.write_text(text, encoding="utf-8")

    def sh(self, text: str, before: str) -> None:
        """Commands to run; all must succeed."""
        self.output = "".join(self.project.run(*line.split()) for line in text.splitlines())

    def text(self, text: str, before: str) -> None:
        """Lines that the commands have said."""
        for line in text.splitlines():
            assert line in self.output, f"missing: {line}\nin:\n{self.output}"

    def yaml(self, text: str, before: str) -> None:
        """A variant to declare."""
        assert VARIANTS.search(before), f"where does this go?\n{text}"
        params = YAML(typ="safe").load((self.project.root / "params.yaml").read_text(encoding="utf-8"))
        self.project.edit(images__variants=params["images"]["variants"] | YAML(typ="safe").load(text))


@pytest.fixture
def project(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = new_project(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(made.root / "src"))  # its own code, not that of the installed checkout
    return made


def test_the_page_can_be_followed_word_by_word(project: Project) -> None:
    reader = Reader(project)
    reader.follow((ROOT / "docs/add-a-variant.md").read_text(encoding="utf-8"))
    assert reader.done.count("python") == 2
    assert reader.done.count("sh") == reader.done.count("text") == 4
    assert (project.root / "results/metrics/images/squared_hinge/0.json").exists()
    untouched = project.run(
        "git", "status", "--porcelain", "--untracked-files=no", "src", "tests", "stages", "dvc.yaml"
    )
    assert untouched == "", "nothing but new files, the parameters and their schema"


def test_the_pages_code_is_clean(project: Project) -> None:
    """As any code of the project."""
    page = (ROOT / "docs/add-a-variant.md").read_text(encoding="utf-8")
    reader = Reader(project)
    for block in BLOCK.finditer(page):
        if block["kind"] == "python":
            reader.python(block["text"], page[: block.start()])
    new = [FILE.search(page[: block.start()])["path"] for block in BLOCK.finditer(page) if block["kind"] == "python"]
    project.run("ruff", "check", *new)
    project.run("ruff", "format", "--check", *new)
