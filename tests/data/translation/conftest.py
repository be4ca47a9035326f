"""Every test here works in a folder of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
