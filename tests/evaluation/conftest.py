"""A packed store of real digits, a judge of them, and a project around both."""

import shutil
from pathlib import Path

import pytest
import torch
from digits_project import CPU, HELD_OUT, Project, declared, real_digits, write_store

from ganbench.cell import Cell, judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.evaluation.judge import Judge, train_judge
from ganbench.params import Judge as Settings


@pytest.fixture(autouse=True)
def _one_thread():
    """Threads that wait for each other are slow where tests share the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def digits(tmp_path_factory) -> Store:
    """1,348 training and 449 held-out digits at 16 px."""
    root = tmp_path_factory.mktemp("digits") / "images"
    return write_store(root, *real_digits(), HELD_OUT, [str(digit) for digit in range(10)])


@pytest.fixture(scope="session")
def judge_root(digits, tmp_path_factory) -> Path:
    """A judge trained for a third of the default number of epochs."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("judge") / "judge"
    train_judge(digits, Settings(epochs=10), CPU, root)
    return root


@pytest.fixture
def judge(judge_root) -> Judge:
    return Judge.load(judge_root, CPU)


@pytest.fixture
def project(digits, judge_root, tmp_path, monkeypatch) -> Project:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(digits.root, prepared_dir("images"))
    shutil.copytree(judge_root, judge_dir("images"))
    return Project(Cell("images", "dcgan", 0), declared(evaluate={"samples": 150}, sample={"count": 200}))
