from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_cells import GAN as SATURATING
from fake_cells import WGAN_GP, declare, write_finished
from test_tracking_record import GAN, WGAN, runs
from tracking_workers import start

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.tracking.store import tracking_uri
from ganbench.tracking.sync import Report, sync


def test_sync_imports_all_cells_and_the_second_time_none(
    project: Path, params: Params, finish_all: Callable[[], list[Cell]]
) -> None:
    cells = finish_all()
    assert sync(params) == Report(imported=cells)
    assert sync(params) == Report(present=cells)
    assert sorted(run.info.run_name for run in runs(project)) == ["gan/0", "wgan_gp/0"]


def test_a_second_sync_asks_once(
    project: Path, params: Params, finish_all: Callable[[], list[Cell]], monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_all()
    sync(params)
    from mlflow import MlflowClient

    searches = []
    search = MlflowClient.search_runs
    monkeypatch.setattr(MlflowClient, "search_runs", lambda *a, **k: searches.append(a) or search(*a, **k))
    sync(params)
    assert len(searches) == 1


def test_sync_tells_which_cells_are_not_here(project: Path, params: Params) -> None:
    write_finished(GAN, params)
    assert sync(params) == Report(imported=[GAN], missing=[WGAN])


def test_metrics_from_git_without_outputs_are_missing(project: Path, params: Params) -> None:
    write_finished(GAN, params)
    shutil.rmtree(GAN.train_dir)
    assert sync(params).missing == [GAN, WGAN]


def test_an_empty_database_is_rebuilt_from_the_outputs(
    project: Path, params: Params, finish_all: Callable[[], list[Cell]], empty_database: Path
) -> None:
    cells = finish_all()
    sync(params)
    shutil.copyfile(empty_database, project / "mlflow.db")
    assert sync(params).imported == cells


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "sqlite:////nowhere/at/all/mlflow.db"])
def test_an_unusable_store_fails_in_one_line(
    uri: str, project: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(BenchError) as error:
        sync(params)
    assert uri in error.value.message
    assert len(error.value.message.splitlines()) == 1


def test_a_file_that_is_no_database_fails_in_one_line(project: Path, params: Params) -> None:
    (project / "mlflow.db").write_text("not a database")
    with pytest.raises(BenchError, match=r"mlflow\.db: .*not a database"):
        sync(params)


def test_a_password_in_the_address_is_not_repeated(
    project: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    with pytest.raises(BenchError, match=r"^http://127\.0\.0\.1:9: no answer$"):
        sync(params)


def test_a_relative_database_is_below_the_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///runs.db")
    assert tracking_uri(tmp_path) == f"sqlite:///{tmp_path}/runs.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri(tmp_path) == "http://127.0.0.1:5000"


def test_four_processes_record_at_once_on_a_new_database(
    project: Path, finish_all: Callable[[], list[Cell]], tmp_path: Path
) -> None:
    (project / "mlflow.db").unlink()
    logs = [tmp_path / f"{number}.log" for number in range(4)]
    processes = [start("record_cell", str(cell), log) for cell, log in zip(finish_all() * 2, logs, strict=True)]
    for process in processes:
        process.join()
    assert [(process.exitcode, log.read_text()) for process, log in zip(processes, logs, strict=True)] == [(0, "")] * 4
    assert sorted(run.info.run_name for run in runs(project)) == ["gan/0", "wgan_gp/0"]
    assert {run.info.status for run in runs(project)} == {"FINISHED"}


def test_outputs_of_another_declaration_are_not_imported_under_this_one(
    finish_all: Callable[[], list[Cell]], params: Params
) -> None:
    finish_all()
    changed = declare(gan=SATURATING | {"optimizer": {"lr": 1e-3}}, wgan_gp=WGAN_GP)
    report = sync(changed)
    assert [str(cell) for cell in report.missing] == ["images/gan/0"]
    assert [str(cell) for cell in report.imported] == ["images/wgan_gp/0"]
    assert [str(cell) for cell in sync(params).imported] == ["images/gan/0"]
