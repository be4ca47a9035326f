"""A project whose floor is measured, ready for searches."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ganbench.cell import floor_metrics
from ganbench.params import Params, Range

RANGES = {
    "gan": {
        "optimizer.lr": Range(log=[1e-4, 1e-2]),
        "critic_steps": Range(integer=[1, 3]),
        "optimizer.betas": Range(choice=[[0.0, 0.9], [0.5, 0.999]]),
    },
    "wgan_gp": {"constraint.gradient_penalty": Range(uniform=[0.05, 1.0])},
}


@pytest.fixture
def root(tmp_path, monkeypatch) -> Iterator[Path]:
    """The project's root; the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    floor_metrics("points").parent.mkdir(parents=True)
    measured = {"status": "real", "w1_ring_100": 0.1, "modes_ring_100": 8.0, "high_quality_ring_100": 0.98}
    floor_metrics("points").write_text(json.dumps(measured), encoding="utf-8")
    yield tmp_path
    assert "DVC_ROOT" not in os.environ


@pytest.fixture
def params(small_params) -> Params:
    """The project's own, with ranges beside two variants of points."""
    return ranged(small_params, RANGES)


def ranged(params: Params, ranges: dict[str, dict[str, Range]], track: str = "points") -> Params:
    """With these ranges on a track."""
    section = getattr(params, track).model_copy(update={"search": ranges})
    return params.model_copy(update={track: section})
