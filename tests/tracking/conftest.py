"""A project in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_cells import GAN, WGAN_GP, declare, write_data, write_finished

from ganbench.cell import Cell, cells
from ganbench.params import Params


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables take seconds to make; most tests start from a copy of empty ones."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("database") / "mlflow.db"
    uri = f"sqlite:///{path}"
    MlflowClient(uri, registry_uri=uri).search_experiments()
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database: Path) -> Path:
    """The root of a project: prepared data and an empty database; the working directory."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    shutil.copyfile(empty_database, root / "mlflow.db")
    write_data()
    return root


@pytest.fixture
def params() -> Params:
    return declare(gan=GAN, wgan_gp=WGAN_GP)


@pytest.fixture
def finish_all(project: Path, params: Params) -> Callable[[], list[Cell]]:
    """Make every declared cell look finished."""

    def finish() -> list[Cell]:
        for cell in cells(params):
            write_finished(cell, params)
        return cells(params)

    return finish
