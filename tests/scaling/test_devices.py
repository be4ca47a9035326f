"""Devices and threads, shared out."""

from __future__ import annotations

import pytest

from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.scaling import devices
from ganbench.scaling.devices import GPUS, MEMORY, THREADS, kept_memory, parse_gpus, places, visible_gpus


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: 8)
    monkeypatch.delenv(THREADS, raising=False)


def given(params: Params, **changes: object) -> Params:
    return params.model_copy(update=changes)


def test_the_cores_are_divided_among_the_jobs(small_params: Params) -> None:
    assert [place.environment for place in places(small_params, 3, [], None)] == [{THREADS: "2"}] * 3


def test_without_a_number_there_is_one_job_a_core(small_params: Params) -> None:
    assert [place.environment[THREADS] for place in places(small_params, None, [], None)] == ["1"] * 8


def test_what_the_user_says_of_threads_wins(small_params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places(small_params, 2, [], 3)[0].environment == {THREADS: "3"}
    monkeypatch.setenv(THREADS, "1")
    assert places(small_params, 2, [], None)[0].environment == {}


def test_jobs_keep_memory_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MEMORY:
        monkeypatch.delenv(name, raising=False)
    assert kept_memory() == MEMORY
    monkeypatch.setenv("MALLOC_MMAP_MAX_", "4")
    assert kept_memory().keys() == MEMORY.keys() - {"MALLOC_MMAP_MAX_"}


def test_each_job_sees_one_gpu_and_more_jobs_than_gpus_share_them(small_params: Params) -> None:
    free = given(small_params, device="auto")
    assert [place.environment[GPUS] for place in places(free, None, ["0", "2"], None)] == ["0", "2"]
    assert [place.environment[GPUS] for place in places(free, 3, ["0", "2"], None)] == ["0", "2", "0"]


def test_a_cell_of_several_processes_gets_as_many_gpus(small_params: Params) -> None:
    engine = small_params.engine.model_copy(update={"processes": 2})
    wide = given(small_params, device="auto", engine=engine)
    assert [place.environment[GPUS] for place in places(wide, None, ["0", "1", "2", "3", "4"], None)] == ["0,1", "2,3"]
    with pytest.raises(BenchError, match=r"engine\.processes: 2: a GPU each, and there are 1"):
        places(wide, None, ["0"], None)


def test_gpus_that_no_job_could_use_are_refused(small_params: Params) -> None:
    for device in ("cpu", "cuda:1"):
        with pytest.raises(BenchError, match=r"params\.yaml: device: .*allowed: auto, cuda"):
            places(given(small_params, device=device), None, ["0"], None)


def test_a_declared_device_is_taken_as_it_is() -> None:
    assert visible_gpus("cpu") == visible_gpus("cuda:1") == []


def test_gpus_are_named_once_each() -> None:
    assert parse_gpus("0, 1") == ["0", "1"]
    for text in ("", "0,", "1,1"):
        with pytest.raises(BenchError, match="--gpus"):
            parse_gpus(text)
